"""The rules of a profile by which a human is asked for: what was said, who calls, how long it takes."""

from collections.abc import Sequence

import sqlalchemy as sa

from callcenter.journey.escalated import Ask, escalate
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.words import plain
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import Call, CallState, Lead
from callcenter.records.calls.store import LockedCall
from callcenter.records.transcripts import store as transcripts
from callcenter.setup.caller_lists import store as caller_lists
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.model import Profile
from callcenter.setup.profiles.rules import ReadyProfile
from callcenter.stages.escalation import store
from callcenter.stages.escalation.model import AskingRule, Escalation, Trigger

MOST_TURNS = 30  # between ten sentences of the agent stand the caller's


def keyword_in(text: str, keywords: Sequence[str]) -> str | None:
    """The first of these words, or words in a row, that the text has as whole words."""
    said = f" {plain(text)} "
    return next((word for word in keywords if plain(word) and f" {plain(word)} " in said), None)


def misunderstandings(sentences: Sequence[str], not_understood: str) -> int:
    """How many of the agent's sentences, counted from the last one backwards, say that it did not understand."""
    wanted, count = plain(not_understood), 0
    for sentence in reversed(sentences):
        if not wanted or wanted not in plain(sentence):
            break
        count += 1
    return count


async def by_words(tx: Tx, call: LockedCall, speaker: Speaker, text: str) -> None:
    """Something was said in this live, locked call."""
    if call.lead is not Lead.AGENT or call.profile is None or speaker not in (Speaker.CALLER, Speaker.AGENT):
        return
    profile = await profiles.find(tx, call.profile)
    rules = profile.escalation if profile else None
    if profile is None or rules is None:
        return
    if speaker is Speaker.CALLER and (word := keyword_in(text, rules.keywords)) is not None:
        await _ask(tx, call, AskingRule.KEYWORD, f"The caller said '{word}'.")
    if speaker is Speaker.AGENT and rules.after_misunderstandings is not None:
        await _misunderstood(tx, call, profile, rules.after_misunderstandings, text)


async def _misunderstood(tx: Tx, call: LockedCall, profile: ReadyProfile, limit: int, text: str) -> None:
    if misunderstandings([text], profile.not_understood) == 0:
        return
    turns = await transcripts.said(tx, call.id, MOST_TURNS)
    of_agent = [turn.text for turn in turns if turn.speaker is Speaker.AGENT]
    count = misunderstandings(of_agent, profile.not_understood)
    if count >= limit:
        because = f"The agent has not understood the caller {count} times in a row."
        await _ask(tx, call, AskingRule.MISUNDERSTANDINGS, because)


async def by_caller(tx: Tx, call: LockedCall) -> None:
    """An agent has taken this locked call."""
    profile = await profiles.find(tx, call.profile) if call.profile else None
    wanted = profile.escalation.caller_list if profile else None
    if wanted is not None and wanted in await caller_lists.lists_of(tx, await calls.number_of(tx, call.id)):
        await _ask(tx, call, AskingRule.CALLER_LIST, f"The caller is in the list '{wanted}'.")


def overlong() -> sa.Select[str]:
    """Calls in which an agent has talked for longer than its profile allows without a human."""
    limit = Profile.body["escalation"]["after_seconds"].astext.cast(sa.Float)
    asked = sa.exists().where(Escalation.call_id == Call.id, Escalation.rule == AskingRule.LENGTH)
    since = Call.answered_at + sa.func.make_interval(0, 0, 0, 0, 0, 0, limit)
    return (
        sa.select(Call.id)
        .join(Profile, Profile.name == Call.profile)
        .where(
            Call.state == CallState.TALKING, Call.lead == Lead.AGENT, limit.is_not(None),
            since <= sa.func.clock_timestamp(), ~asked,
        )
    )  # fmt: skip


async def too_long(j: Journey, call_id: CallId) -> bool:
    """The agent of this call has talked for longer than its profile allows; False when a human was asked already."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        if call is None or not call.live or call.lead is not Lead.AGENT:
            return False
        return await _ask(tx, call, AskingRule.LENGTH, "The agent has talked with the caller for long.")


async def _ask(tx: Tx, call: LockedCall, rule: AskingRule, reason: str) -> bool:
    if rule in await store.asked_by(tx, call.id):
        return False
    return await escalate(tx, call, Ask(Trigger.RULE, reason, rule=rule)) is not None
