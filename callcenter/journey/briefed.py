"""What an agent is told about the call it takes: its profile, the words so far, and what the tools have answered."""

from collections.abc import Sequence
from typing import Any

from callcenter.journey.human_first import human_comes
from callcenter.journey.nobody_came import unsaid
from callcenter.journey.planned import language_of
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import AgentBrief, PastToolCall, PastTurn
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import read as timeline_read
from callcenter.records.timeline.model import EventType
from callcenter.records.tool_calls import store as tool_calls
from callcenter.records.tool_calls.store import PastCall
from callcenter.records.transcripts import store as transcripts
from callcenter.records.transcripts.rules import digest
from callcenter.records.transcripts.store import Said
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import brief
from callcenter.setup.queues import store as queues
from callcenter.setup.sounds import store as sounds
from callcenter.setup.sounds.model import SoundKind
from callcenter.stages.escalation import supervisions

VERBATIM_TURNS = 40
SUMMARISED_TURNS = 400
MOST_WHISPERS = 20


async def agent_brief(tx: Tx, call: LockedCall) -> AgentBrief:
    """The brief for whoever takes this call now: the last turns word by word, of older ones a digest (decision 8). The
    call keeps by which version of its profile that is."""
    name = call.profile or ""
    said = await transcripts.said(tx, call.id, VERBATIM_TURNS + SUMMARISED_TURNS)
    older, recent = said[:-VERBATIM_TURNS], said[-VERBATIM_TURNS:]
    profile = await profiles.current(tx, name)
    await calls.set_profile_version(tx, call.id, profile.version)
    made = brief(
        name,
        profile.body,
        tuple(PastTurn(speaker=turn.speaker, text=turn.text, unfinished=turn.unfinished) for turn in recent),
        in_their_place(await tool_calls.past_calls(tx, call.id), recent),
        digest([turn.text for turn in older if turn.speaker is Speaker.CALLER]),
    )
    news = await unsaid(tx, call, await language_of(tx, call), Speaker.AGENT)
    return made.model_copy(update={"news": news, "hold_music": await _music(tx, call), **await _supervised(tx, call)})


async def _supervised(tx: Tx, call: LockedCall) -> dict[str, Any]:
    """What the agent is to know of supervisors: one may lead at this moment, or be on the way to."""
    there = await supervisions.there_of(tx, call.id)
    return {
        "led_by_human": any(who.leads for who in there) or await human_comes(tx, call),
        "held": any(who.leads and who.held for who in there),
        "lead_epoch": await calls.lead_epoch(tx, call.id),
        "supervisors": {who.identity: who.mode.value for who in there},
        "whispers": tuple(await timeline_read.texts(tx, call.id, EventType.WHISPERED, MOST_WHISPERS)),
    }


async def _music(tx: Tx, call: LockedCall) -> str:
    """Which uploaded sound a caller on hold hears: that of the queue which the call came through."""
    queue = await queues.find(tx, call.queue) if call.queue else None
    return await sounds.digest_of(tx, queue.music, SoundKind.MUSIC) if queue else ""


def in_their_place(calls: Sequence[PastCall], turns: Sequence[Said]) -> tuple[PastToolCall, ...]:
    """The tool calls, each after the turns that had begun when it was answered: what an agent says about an answer
    begins later."""
    return tuple(
        PastToolCall(
            after_turn=sum(turn.started_at <= call.done_at for turn in turns),
            tool_call_id=call.tool_call_id, name=call.name, arguments=call.arguments, result=call.result,
            error=call.error,
        )
        for call in calls
    )  # fmt: skip
