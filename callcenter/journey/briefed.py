"""What an agent is told about the call it takes: its profile, the words so far, and what the tools have answered."""

from collections.abc import Sequence

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import AgentBrief, PastToolCall, PastTurn
from callcenter.records.calls.store import LockedCall
from callcenter.records.tool_calls import store as tool_calls
from callcenter.records.tool_calls.store import PastCall
from callcenter.records.transcripts import store as transcripts
from callcenter.records.transcripts.rules import digest
from callcenter.records.transcripts.store import Said
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import brief

VERBATIM_TURNS = 40
SUMMARISED_TURNS = 400


async def agent_brief(tx: Tx, call: LockedCall) -> AgentBrief:
    """The brief for whoever takes this call now: the last turns word by word, of older ones a digest (decision 8)."""
    name = call.profile or ""
    said = await transcripts.said(tx, call.id, VERBATIM_TURNS + SUMMARISED_TURNS)
    older, recent = said[:-VERBATIM_TURNS], said[-VERBATIM_TURNS:]
    return brief(
        name,
        await profiles.get(tx, name),
        tuple(PastTurn(speaker=turn.speaker, text=turn.text, unfinished=turn.unfinished) for turn in recent),
        in_their_place(await tool_calls.past_calls(tx, call.id), recent),
        digest([turn.text for turn in older if turn.speaker is Speaker.CALLER]),
    )


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
