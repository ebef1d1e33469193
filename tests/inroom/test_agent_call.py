"""The agent's part in a call when its line to the desk breaks in a way nobody foresaw."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import JobContext

from callcenter.inroom.agent.call import AgentCall
from callcenter.inroom.client.line import Line
from callcenter.inroom.client.link import DeskLink
from callcenter.inroom.client.outbox import Outbox
from callcenter.inroom.sound.speech import Speech
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.dispatch import DispatchMetadata
from callcenter.platform.wire.messages import CallerLeft, Hello, JobBeat, Left
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure

OFFER = "o1"


class BrokenLine(DeskLink):
    """Fails at once; keeps what it was told."""

    def __init__(self) -> None:
        line = Line(
            url="ws://127.0.0.1:1",
            secret="s",
            first=lambda: Hello(offer_id=OFFER),
            beat=lambda: JobBeat(offer_id=OFFER),
            beat_seconds=1,
            on_command=lambda _: None,
        )
        super().__init__(line, Outbox(None))
        self.told: list[Message] = []

    async def run(self) -> None:
        raise ZeroDivisionError

    def send(self, message: Message) -> None:
        self.told.append(message)


class EmptyRoom:
    """A job in a room where nothing happens."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.ended = asyncio.Event()

    async def connect(self, **_: Any) -> None:
        await asyncio.Event().wait()

    def shutdown(self, reason: str = "") -> None:
        self.ended.set()


def no_session(_: object) -> Any:
    raise AssertionError("nobody claimed this call")


async def test_a_line_that_breaks_unexpectedly_ends_the_job_as_a_failure(tmp_path: Path) -> None:
    job, link = EmptyRoom(), BrokenLine()
    dispatch = DispatchMetadata(call_id="c1", offer_id=OFFER, token="t", desk_url="ws://d", caller_identity="caller")
    over: list[str] = []
    speech = Speech(Settings(data_dir=tmp_path))
    call = AgentCall(cast(JobContext, job), dispatch, link, no_session, speech, lambda: over.append("over"))
    begun = asyncio.create_task(call.begin())
    try:
        await asyncio.wait_for(job.ended.wait(), 2)
        assert over == ["over"]
        await call.finish()
        assert [message.failure for message in link.told if isinstance(message, Left)] == ["ZeroDivisionError"]
    finally:
        begun.cancel()
        await asyncio.gather(begun, return_exceptions=True)


@pytest.mark.parametrize(
    ("reason", "certain", "failure"),
    [
        (rtc.DisconnectReason.CLIENT_INITIATED, True, None),
        (rtc.DisconnectReason.UNKNOWN_REASON, False, "its connection to the room broke"),
    ],
)
async def test_a_caller_who_is_gone_without_a_reason_may_still_be_there(
    tmp_path: Path, reason: rtc.DisconnectReason.ValueType, certain: bool, failure: str | None
) -> None:
    job, link = EmptyRoom(), BrokenLine()
    dispatch = DispatchMetadata(call_id="c1", offer_id=OFFER, token="t", desk_url="ws://d", caller_identity="caller")
    speech = Speech(Settings(data_dir=tmp_path))
    call = AgentCall(cast(JobContext, job), dispatch, link, no_session, speech, lambda: None)
    call._listen_to_room()
    caller = SimpleNamespace(identity="caller", disconnect_reason=reason, attributes={})
    job.room.emit("participant_disconnected", cast(Any, caller))
    await call.finish()
    assert [message.certain for message in link.told if isinstance(message, CallerLeft)] == [certain]
    assert [message.failure for message in link.told if isinstance(message, Left)] == [failure]
