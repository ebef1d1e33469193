"""What in-room processes say about their calls, turned into verbs of the journey."""

import logging
from typing import assert_never

from callcenter.journey import answered, arrived, left, offered, said, tool_called, troubled
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire import messages as wire
from callcenter.platform.wire.base import Message
from callcenter.records.calls import store as calls
from callcenter.stages.offers import store as offers

log = logging.getLogger(__name__)

AboutCall = (
    wire.Claim | wire.Refuse | wire.Answered | wire.FirstFrame | wire.Segment | wire.ToolCall | wire.EndCall
    | wire.CallerLeft | wire.Trouble | wire.Left
)  # fmt: skip


async def handle(j: Journey, desk: str, message: AboutCall) -> Message | None:
    """Do what this message asks for, and return what is to be answered."""
    offer_id = OfferId(message.offer_id)
    match message:
        case wire.Claim():
            return await answered.claimed(j, offer_id, message.pid, desk)
        case wire.Segment():
            return await said.said(j, message)
        case wire.ToolCall():
            return await tool_called.tool_called(j, message)
        case wire.Refuse():
            await offered.refused(j, offer_id, message.reason)
        case wire.Answered() | wire.FirstFrame() | wire.Trouble():
            await _noted(j, offer_id, message)
        case wire.EndCall():
            await left.said_goodbye(j, offer_id, message.reason)
        case wire.CallerLeft():
            await caller_left(j, offer_id, certain=message.certain)
        case wire.Left():
            await left.left(j, offer_id, message.failure)
        case _:
            assert_never(message)
    return None


async def _noted(j: Journey, offer_id: OfferId, message: wire.Answered | wire.FirstFrame | wire.Trouble) -> None:
    match message:
        case wire.Answered():
            await answered.answered(j, offer_id, message.at)
        case wire.FirstFrame():
            await answered.first_frame(j, offer_id)
        case wire.Trouble():
            await troubled.troubled(j, offer_id, message.source)


def apology(message: AboutCall) -> Message | None:
    """What is answered when a message cannot be handled at all; only a tool call waits for an answer it can say."""
    if not isinstance(message, wire.ToolCall):
        return None
    sentence = "I am sorry, I cannot do that right now."
    return wire.ToolResult(offer_id=message.offer_id, tool_call_id=message.tool_call_id, error=sentence)


async def caller_left(j: Journey, offer_id: OfferId, *, certain: bool) -> None:
    """An in-room process saw the caller go, or sees none any more; it names its offer, the journey wants the room. Who
    has lost the call already is certain of nothing: it may have slept while another went on."""
    async with j.db.transaction() as tx:
        offer = await offers.find(tx, offer_id)
        room = await calls.room_of(tx, offer.call_id) if offer else None
    if room and offer and offer.live and certain:
        await arrived.caller_left(j, room)
    elif room:
        await arrived.caller_out_of_sight(j, room)
