"""What a dead process left in its outbox reaches the desk; what a living one holds is its own."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.inroom.client.offer_file import Address, OfferFile, take_over
from callcenter.inroom.client.outbox import Outbox
from callcenter.inroom.client.replay import FIRST_RETRY_SECONDS, Replay
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Ack, Segment
from callcenter.platform.wire.voicemail import VoicemailPart
from tests.inroom.fake_desk import FakeDesk

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from callcenter.inroom.client.offer_file import Address
from callcenter.inroom.client.outbox import Outbox
from callcenter.platform.wire.base import (Speaker)
from callcenter.platform.wire.messages import Ack

async def main():
    outbox, at = Outbox(Path(sys.argv[1])), datetime.now(UTC)
    outbox.address("o1", Address(url=sys.argv[2], token="job-o1"))
    for text in ("one", "two", "three"):
        outbox.add("o1", Speaker.CALLER, text, started_at=at, ended_at=at)
    outbox.add("o1", Speaker.AGENT, "hello", started_at=at, ended_at=at)
    outbox.acknowledge(Ack(offer_id="o1", speaker=Speaker.CALLER, seq=1))
    await outbox.flushed("another offer", 5)
    print("written", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@asynccontextmanager
async def writer(folder: Path, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A job with four segments on disk, one of them acknowledged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(folder), url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"written\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def leave(folder: Path, offer_id: str, address: Address, *texts: str) -> Path:
    """What a process that has died left behind."""
    said = [
        Segment(offer_id=offer_id, speaker=Speaker.CALLER, seq=seq, text=text, started_at=NOW, ended_at=NOW)
        for seq, text in enumerate(texts, start=1)
    ]
    path = folder / f"{offer_id}.jsonl"
    path.write_text("".join(message.model_dump_json() + "\n" for message in (address, *said)))
    return path


def door(desk: FakeDesk) -> Address:
    return Address(url=f"{desk.url}/replay", token="job-o1")


async def test_i5_what_a_killed_job_had_not_delivered_is_delivered_by_another_process(tmp_path: Path) -> None:
    async with FakeDesk() as desk, writer(tmp_path, f"{desk.url}/replay") as job:
        replay = Replay(tmp_path)
        assert await replay.look_once() == 0
        assert desk.heard == [], "its writer lives and delivers itself"
        job.kill()
        await job.wait()
        assert await replay.look_once() == 1
        assert sorted((s.speaker, s.seq, s.text) for s in desk.all(Segment)) == [
            (Speaker.AGENT, 1, "hello"), (Speaker.CALLER, 1, "one"), (Speaker.CALLER, 2, "two"),
            (Speaker.CALLER, 3, "three"),
        ]  # fmt: skip
        assert {heard.path for heard in desk.heard} == {"/desk/replay"}
        assert list(tmp_path.iterdir()) == []


async def test_two_processes_deliver_a_file_once(tmp_path: Path) -> None:
    async with FakeDesk() as desk:
        leave(tmp_path, "o1", door(desk), "one")
        assert sorted(await asyncio.gather(Replay(tmp_path).look_once(), Replay(tmp_path).look_once())) == [0, 1]
        assert len(desk.all(Segment)) == 1


async def test_a_desk_that_is_away_is_asked_again(tmp_path: Path) -> None:
    async with FakeDesk() as desk:
        path = leave(tmp_path, "o1", door(desk), "one")
        replay = Replay(tmp_path)
        await desk.close()
        assert await replay.look_once() == 0
        assert path.exists()
        await desk.open()
        assert await replay.look_once() == 0, "it waits a little before it asks again"
        await asyncio.sleep(FIRST_RETRY_SECONDS)
        assert await replay.look_once() == 1
        assert not path.exists()


async def test_half_a_line_at_the_end_is_passed_over_and_the_others_are_delivered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeDesk() as desk:
        path = leave(tmp_path, "o1", door(desk), "one", "my secret")
        path.write_bytes(path.read_bytes()[:-20])
        assert await Replay(tmp_path).look_once() == 1
        assert [segment.text for segment in desk.all(Segment)] == ["one"]
        assert "secret" not in caplog.text
        assert not path.exists()


def no_address(_: FakeDesk) -> Address:
    return Address(url="", token="")


@pytest.mark.parametrize("address", [door, no_address])
async def test_what_nobody_takes_is_set_aside_and_keeps_no_other(
    tmp_path: Path, address: Callable[[FakeDesk], Address], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with FakeDesk(refuses=True) as closed, FakeDesk() as desk:
        leave(tmp_path, "a-refused", address(closed), "my secret")
        (tmp_path / "b-nonsense.jsonl").write_bytes(b"\x00\xff nonsense")
        (tmp_path / "c-empty.jsonl").touch()
        leave(tmp_path, "d-good", door(desk), "one")
        assert await Replay(tmp_path).look_once() == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "a-refused.undeliverable", "b-nonsense.undeliverable", "c-empty.undeliverable",
        ]  # fmt: skip
        assert "secret" not in caplog.text


async def test_segments_the_desk_will_never_take_are_set_aside(tmp_path: Path) -> None:
    async def wants_an_earlier_one(desk: FakeDesk, message: object) -> None:
        if isinstance(message, Segment):
            await desk.say(Ack(offer_id=message.offer_id, speaker=message.speaker, seq=0))

    async with FakeDesk(acknowledges=False, on_message=wants_an_earlier_one) as desk:
        path = leave(tmp_path, "o1", door(desk), "one")
        assert await Replay(tmp_path).look_once() == 0
        assert path.with_suffix(".undeliverable").exists()


async def test_a_full_disk_leaves_no_half_line_and_what_it_refused_is_written_with_the_next(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "later")
    (tmp_path / "later").write_text("a file where the folder should be")
    outbox.add("o1", Speaker.CALLER, "one", started_at=NOW, ended_at=NOW)
    await outbox.flushed("another offer", 5)
    (tmp_path / "later").unlink()
    outbox.add("o1", Speaker.CALLER, "two", started_at=NOW, ended_at=NOW)
    await outbox.flushed("another offer", 5)
    lines = (tmp_path / "later" / "o1.jsonl").read_text().splitlines()
    assert [Segment.model_validate_json(line).text for line in lines[1:]] == ["one", "two"]


def test_a_file_that_its_writer_holds_or_has_deleted_is_left_alone(tmp_path: Path) -> None:
    file = OfferFile(tmp_path, "o1", None)
    file.append(Segment(offer_id="o1", speaker=Speaker.CALLER, seq=1, text="a", started_at=NOW, ended_at=NOW))
    assert take_over(tmp_path / "o1.jsonl") is None
    file.delete()
    assert take_over(tmp_path / "o1.jsonl") is None


async def test_the_sound_that_a_dead_attendant_left_is_delivered_as_well(tmp_path: Path) -> None:
    async with FakeDesk() as desk:
        path = leave(tmp_path, "o1", door(desk), "hello")
        parts = [
            VoicemailPart(offer_id="o1", seq=seq, box="support", started_at=NOW, audio=bytes(range(256)))
            for seq in (1, 2)
        ]
        with path.open("a") as file:
            file.writelines(part.model_dump_json() + "\n" for part in parts)
        assert await Replay(tmp_path).look_once() == 1
        assert desk.all(VoicemailPart) == parts
        assert [segment.text for segment in desk.all(Segment)] == ["hello"]
        assert not path.exists()
