"""What in-room processes say about their calls, turned into verbs of the journey."""

import logging
from typing import assert_never

from callcenter.journey import (
    announced,
    answered,
    arrived,
    assisted,
    chose,
    left,
    offered,
    said,
    tool_called,
    troubled,
    voicemail,
    whispered,
)
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire import messages as wire
from callcenter.platform.wire.asking import AnnouncementDue, Chose
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.supervision import Assistance, WhisperHeard
from callcenter.platform.wire.tools import ToolCall, ToolResult
from callcenter.platform.wire.voicemail import VoicemailPart
from callcenter.records.calls import store as calls
from callcenter.stages.offers import store as offers

log = logging.getLogger(__name__)

AboutCall = (
    wire.Claim | wire.Refuse | wire.Answered | wire.FirstFrame | wire.Segment | VoicemailPart | Chose
    | AnnouncementDue | ToolCall | wire.EndCall
    | wire.CallerLeft | wire.Trouble | wire.Left | WhisperHeard | Assistance
)  # fmt: skip


async def handle(j: Journey, desk: str, message: AboutCall) -> Message | None:
    """Do what this message asks for, and return what is to be answered."""
    offer_id = OfferId(message.offer_id)
    match message:
        case wire.Claim():
            return await answered.claimed(j, offer_id, message.pid, desk)
        case wire.Segment() | VoicemailPart():
            return await _stored(j, message)
        case Chose() | AnnouncementDue():
            return await _company_kept(j, offer_id, message)
        case ToolCall():
            return await tool_called.tool_called(j, message)
        case wire.Refuse():
            await offered.refused(j, offer_id, message.reason)
        case wire.Answered() | wire.FirstFrame() | wire.Trouble() | WhisperHeard() | Assistance():
            await _noted(j, offer_id, message)
        case wire.EndCall():
            await left.said_goodbye(j, offer_id, message.reason)
        case wire.CallerLeft():
            await caller_left(j, offer_id, certain=message.certain, lost=message.lost)
        case wire.Left():
            await left.left(j, offer_id, message.failure)
        case _:
            assert_never(message)
    return None


async def _company_kept(j: Journey, offer_id: OfferId, message: Chose | AnnouncementDue) -> Message | None:
    match message:
        case Chose(number=number, key=key, spoken=spoken, digits=digits):
            return await chose.chose(j, offer_id, number, key, spoken=spoken, digits=digits)
        case AnnouncementDue():
            return await announced.announcement_due(j, offer_id)


async def _stored(j: Journey, message: wire.Segment | VoicemailPart) -> Message | None:
    return await (said.said(j, message) if isinstance(message, wire.Segment) else voicemail.part_came(j, message))


async def _noted(
    j: Journey, offer_id: OfferId, message: wire.Answered | wire.FirstFrame | wire.Trouble | WhisperHeard | Assistance
) -> None:
    match message:
        case wire.Answered():
            await answered.answered(j, offer_id, message.at)
        case wire.FirstFrame():
            await answered.first_frame(j, offer_id)
        case wire.Trouble():
            await troubled.troubled(j, offer_id, message.source)
        case WhisperHeard(whisper_id=whisper_id, text=text):
            await whispered.whisper_heard(j, offer_id, whisper_id, text)
        case Assistance():
            await assisted.assisted(j, message)


def apology(message: AboutCall) -> Message | None:
    """What is answered when a message cannot be handled at all; only a tool call waits for an answer it can say."""
    if not isinstance(message, ToolCall):
        return None
    sentence = "I am sorry, I cannot do that right now."
    return ToolResult(offer_id=message.offer_id, tool_call_id=message.tool_call_id, error=sentence)


async def caller_left(j: Journey, offer_id: OfferId, *, certain: bool, lost: bool) -> None:
    """An in-room process saw the caller go, or sees none any more; it names its offer, the journey wants the room. Who
    has lost the call already is certain of nothing: it may have slept while another went on."""
    async with j.db.transaction() as tx:
        offer = await offers.find(tx, offer_id)
        room = await calls.room_of(tx, offer.call_id) if offer else None
    if room and offer and offer.live and certain:
        await arrived.caller_left(j, room, by_fault=lost)
    elif room:
        await arrived.caller_out_of_sight(j, room)
