"""What an attendant says and plays for a call: by its treatment, or by the queue it waits in."""

from dataclasses import dataclass
from typing import assert_never

from callcenter.journey import call_back_asked, voicemail
from callcenter.journey.nobody_came import unsaid
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import Ask, AttendantPlan, ModelEndpoint
from callcenter.records.calls import read as past_calls
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import Outcome
from callcenter.records.calls.store import LockedCall
from callcenter.records.transcripts import store as transcripts
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import ReadyProfile
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets import actions
from callcenter.setup.rule_sets.places import actions_in
from callcenter.setup.sounds import store as sounds
from callcenter.setup.sounds.model import SoundKind
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.treatment import (
    AskHuman,
    CallBackCheck,
    CallBackOffer,
    Menu,
    Message,
    Transfer,
    Treatment,
    Voicemail,
)

# An agent that was silent for a moment is mostly back, or another is there, before an excuse would have been said.
STAND_BY_SECONDS = 2.5
WITHOUT_TEXT = "This line is not open yet. Please call our main line. Goodbye."


@dataclass(frozen=True)
class Voice:
    """How the attendant speaks and understands: by the profile that the call is for."""

    language: str = ReadyProfile.model_fields["language"].default
    voice: str = ReadyProfile.model_fields["voice"].default
    tts: ModelEndpoint = ReadyProfile.model_fields["tts"].default
    stt: ModelEndpoint = ReadyProfile.model_fields["stt"].default


async def plan(tx: Tx, call: LockedCall, *, welcomed: bool = False) -> AttendantPlan:
    """What the attendant of this locked call says and plays from now on; `welcomed` when it has said the opening."""
    entry = await waiting.entry(tx, call.id)
    voice = await _voice(tx, call, entry.treatment if entry else None)
    if entry is None or (entry.treatment is None and entry.queue is None):
        return _speaking(voice).model_copy(update={"then_end": True})
    if isinstance(entry.treatment, Voicemail):
        opening, record = await voicemail.taking(tx, call.id, entry.treatment, voice.language)
        return _speaking(voice).model_copy(update={"opening": opening, "record": record})
    if isinstance(entry.treatment, CallBackOffer):
        question = await call_back_asked.about_number(tx, call, entry.treatment, await language_of(tx, call), voice.stt)
        return _speaking(voice).model_copy(update={"ask": question})
    if isinstance(entry.treatment, AskHuman):
        return await _in_line(tx, call, await queues.get(tx, entry.queue or ""), voice, welcomed)
    if entry.treatment is not None:
        planned = treated(entry.treatment, voice)
        named = entry.treatment.audio if isinstance(entry.treatment, Message) else None
        return planned.model_copy(update={"audio": await sounds.digest_of(tx, named, SoundKind.MESSAGE)})
    return await _in_line(tx, call, await queues.get(tx, entry.queue or ""), voice, welcomed)


def _speaking(voice: Voice) -> AttendantPlan:
    return AttendantPlan(language=voice.language, voice=voice.voice, tts=voice.tts)


def treated(treatment: Message | Menu | CallBackCheck | Transfer, voice: Voice) -> AttendantPlan:
    """The part that an attendant plays in a treatment that needs nothing but itself."""
    speaks = _speaking(voice)
    match treatment:
        case Message(text=text):
            return speaks.model_copy(update={"opening": text, "then_end": True})
        case Menu():
            return speaks.model_copy(update={"ask": _question(treatment, voice)})
        case CallBackCheck():
            return speaks.model_copy(update={"ask": call_back_asked.about_person(treatment, voice.language, voice.stt)})
        case Transfer(text=text):
            return speaks.model_copy(update={"opening": text})
        case unreachable:
            assert_never(unreachable)


async def outcome_of(tx: Tx, call: LockedCall, treatment: Treatment) -> Outcome:
    """How a call ends whose treatment was carried out to the end by the attendant."""
    if isinstance(treatment, Voicemail):
        return await voicemail.outcome(tx, call.id, Outcome.ABANDONED)
    return Outcome(treatment.outcome) if isinstance(treatment, Message) else Outcome.COMPLETED


async def language_of(tx: Tx, call: LockedCall) -> str:
    """The language in which the caller is spoken to: theirs where it is known, or that of the call's profile."""
    routing = await past_calls.routing(tx, call.id)
    theirs = routing.facts.get("language") if routing else None
    return theirs or (await _voice(tx, call, None)).language


def _question(treatment: Menu, voice: Voice) -> Ask:
    menu = treatment.menu
    return Ask(
        number=treatment.asked + 1, prompt=menu.prompt, keys={key: option.say for key, option in menu.options.items()},
        timeout_seconds=menu.timeout_seconds, stt=voice.stt,
    )  # fmt: skip


async def _in_line(tx: Tx, call: LockedCall, queue: QueueBody, voice: Voice, welcomed: bool) -> AttendantPlan:
    served = await calls.was_served(tx, call.id)
    language = await language_of(tx, call)
    opening, after = (queue.lost, STAND_BY_SECONDS) if served else (_opening(queue, language), 0.0)
    if not served and (welcomed or await transcripts.was_said(tx, call.id, Speaker.ATTENDANT, opening)):
        # Nobody is welcomed twice, by another attendant either. The news is an agent's, if one comes soon.
        opening, after = await unsaid(tx, call, language, Speaker.ATTENDANT), STAND_BY_SECONDS
    return AttendantPlan(
        opening=opening, opening_after=after if opening else 0,
        music=await sounds.digest_of(tx, queue.music, SoundKind.MUSIC),
        keys=tuple(queue.keys),
        announce_every_seconds=queue.announce.every_seconds if queue.announce else None,
        language=language, voice=voice.voice, tts=voice.tts,
    )  # fmt: skip


def _opening(queue: QueueBody, language: str) -> str:
    return queue.opening_in.get(language) or queue.opening_in.get(language.split("-", maxsplit=1)[0]) or queue.opening


async def _voice(tx: Tx, call: LockedCall, treatment: Treatment | None) -> Voice:
    """By the call's profile; a menu speaks as the first profile or queue does to which it may lead."""
    name = call.profile
    if name is None and isinstance(treatment, Menu):
        name = await _first_profile(tx, treatment)
    if name is None:
        return Voice()
    body = await profiles.get(tx, name)
    return Voice(body.language, body.voice, body.tts, body.stt)


async def _first_profile(tx: Tx, treatment: Menu) -> str | None:
    for action in actions_in(treatment.menu):
        if isinstance(action, actions.InQueue | actions.CallBack):
            queue = await queues.find(tx, action.queue)
            if action.profile or queue:
                return action.profile or (queue.profile if queue else None)
    return None
