"""The agent's part in a call when its line to the desk breaks in a way nobody foresaw."""

import asyncio
from collections.abc import Callable
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
from callcenter.inroom.sound.sounds import Sounds
from callcenter.inroom.sound.speech import Speech
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.messages import CallerLeft, Hello, JobBeat, Left, Take
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


class ClosingRoom(EmptyRoom):
    """The caller hangs up, and the room goes, while the job waits for them."""

    async def connect(self, **_: Any) -> None:
        pass

    async def wait_for_participant(self, **_: Any) -> None:
        raise RuntimeError("room disconnected while waiting for participant")


class SilentLine(BrokenLine):
    """Nothing comes over it."""

    async def run(self) -> None:
        await asyncio.Event().wait()


def no_session(_: object) -> Any:
    raise AssertionError("nobody claimed this call")


def call_of(job: EmptyRoom, link: BrokenLine, folder: Path, over: Callable[[], None] = lambda: None) -> AgentCall:
    take = Take(offer_id=OFFER, call_id="c1", room="r", token="t", livekit_url="ws://l", caller_identity="caller")
    settings = Settings(data_dir=folder)
    return AgentCall(cast(JobContext, job), take, link, no_session, Speech(settings), Sounds(settings), over)


async def test_a_line_that_breaks_unexpectedly_ends_the_job_as_a_failure(tmp_path: Path) -> None:
    job, link = EmptyRoom(), BrokenLine()
    over: list[str] = []
    call = call_of(job, link, tmp_path, lambda: over.append("over"))
    begun = asyncio.create_task(call.begin())
    try:
        await asyncio.wait_for(job.ended.wait(), 2)
        assert over == ["over"]
        await call.finish()
        assert [message.failure for message in link.told if isinstance(message, Left)] == ["ZeroDivisionError"]
    finally:
        begun.cancel()
        await asyncio.gather(begun, return_exceptions=True)


async def test_a_caller_who_hangs_up_before_the_agent_has_found_them_is_no_failure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job, link = ClosingRoom(), SilentLine()
    call = call_of(job, link, tmp_path)
    with caplog.at_level("INFO"):
        await call.begin()
        await call.finish()
    assert [message.failure for message in link.told if isinstance(message, Left)] == [None]
    assert [(r.levelname, r.message) for r in caplog.records] == [("INFO", "agent leaves")]


@pytest.mark.parametrize(
    ("reason", "status", "told", "failure"),
    [
        (rtc.DisconnectReason.CLIENT_INITIATED, "active", (True, False), None),
        (rtc.DisconnectReason.UNKNOWN_REASON, "active", (False, False), "its connection to the room broke"),
        (rtc.DisconnectReason.CONNECTION_TIMEOUT, "active", (True, True), None),
        (rtc.DisconnectReason.CONNECTION_TIMEOUT, "ringing", (True, False), None),
        (rtc.DisconnectReason.SIGNAL_CLOSE, "ringing", (True, False), None),
        (rtc.DisconnectReason.CONNECTION_TIMEOUT, "hangup", (True, False), None),
    ],
)
async def test_an_agent_tells_a_caller_who_left_from_one_who_was_lost_and_one_who_may_still_be_there(
    tmp_path: Path, reason: rtc.DisconnectReason.ValueType, status: str, told: tuple[bool, bool], failure: str | None
) -> None:
    job, link = EmptyRoom(), BrokenLine()
    call = call_of(job, link, tmp_path)
    call._listen_to_room()
    caller = SimpleNamespace(identity="caller", disconnect_reason=reason, attributes={"sip.callStatus": status})
    job.room.emit("participant_disconnected", cast(Any, caller))
    await call.finish()
    assert [(message.certain, message.lost) for message in link.told if isinstance(message, CallerLeft)] == [told]
    assert [message.failure for message in link.told if isinstance(message, Left)] == [failure]
