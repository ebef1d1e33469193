"""The process that holds an attendant's connections: its death, its parent's, and what it is asked in vain."""

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from callcenter.inroom.sender import process
from callcenter.inroom.sender.process import NAME, Run, Sender, SenderError
from callcenter.platform.wire.messages import FirstFrame, Left, Register, Segment
from tests.inroom.fake_desk import FakeDesk
from tests.inroom.lobby import Lobby
from tests.inroom.program import started
from tests.inroom.rooms import Caller

pytestmark = pytest.mark.livekit


def sender_of(pid: int) -> psutil.Process:
    """The sender of an attendant's process."""
    return next(child for child in psutil.Process(pid).children() if child.name() == NAME)


async def test_a_sender_that_dies_is_told_of_and_the_next_caller_gets_another(lobby: Lobby, caller: Caller) -> None:
    await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    sender_of(lobby.pid).kill()
    left = await lobby.desk.wait_for(Left, seconds=5)
    assert left.failure == "its sender ended"
    await lobby.take(caller)
    await lobby.desk.wait_for(FirstFrame, count=2)
    assert await caller.hears_sound(after=time.monotonic())


async def test_i7_a_sender_that_hangs_is_told_of_within_five_seconds(lobby: Lobby, caller: Caller) -> None:
    await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    sender_of(lobby.pid).suspend()
    left = await lobby.desk.wait_for(Left, seconds=6)
    assert left.failure == "its sender ended"


async def test_a_sender_does_not_outlive_the_attendant_however_that_ends(tmp_path: Path) -> None:
    async with FakeDesk() as desk:
        attendant = await started("attendant", desk, tmp_path)
        await desk.wait_for(Register, seconds=30)
        sender = sender_of(attendant.pid)
        os.kill(sender.pid, signal.SIGTERM)  # as to a whole process group: it goes with its parent, not before
        await asyncio.sleep(0.3)
        assert sender.is_running()
        attendant.kill()
        await attendant.wait()
        async with asyncio.timeout(5):
            while sender.is_running() and sender.status() != psutil.STATUS_ZOMBIE:
                await asyncio.sleep(0.05)


async def test_what_is_asked_in_vain_is_answered_with_the_reason() -> None:
    run = await Run.start()
    try:
        with pytest.raises(SenderError, match="publish: there is no such visit"):
            await run.ask("publish", visit="none", name="attendant")
        began = time.monotonic()
        with pytest.raises(SenderError, match="join: "):
            await run.ask("join", visit="1", url="ws://127.0.0.1:9", token="t")
        assert time.monotonic() - began < process.ANSWER_SECONDS
        with pytest.raises(SenderError, match="unknown command"):
            await run.ask("dance", visit="1")
    finally:
        await run.end()
    with pytest.raises(SenderError, match="has ended"):
        await run.ask("join", visit="2", url="ws://127.0.0.1:9", token="t")


async def test_a_program_that_ends_at_once_is_told_of(tmp_path: Path) -> None:
    broken = tmp_path / NAME
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(SenderError, match="as soon as it was started"):
        await Sender(tmp_path).run()


async def test_the_program_is_given_no_secret_and_no_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CALLCENTER_DESK_SECRET", "OPENAI_API_KEY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "not for you")
    told = tmp_path / "told"
    stub = tmp_path / NAME
    stub.write_text(f"#!/bin/sh\nenv > {told}\necho '{{}}'\nexec cat > /dev/null\n")
    stub.chmod(0o755)
    run = await Run.start(tmp_path)
    await run.end()
    given = told.read_text()
    assert "PATH=" in given
    assert "not for you" not in given


async def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SenderError, match="run `make setup`"):
        await Sender(tmp_path).run()
