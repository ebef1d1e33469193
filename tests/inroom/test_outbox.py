"""Segments on their way to the desk."""

import asyncio
import os
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.inroom.client.kept import KEPT
from callcenter.inroom.client.offer_file import Address
from callcenter.inroom.client.outbox import MAX_TEXT_LENGTH, Outbox
from callcenter.inroom.client.replay import LEFTOVER_SECONDS, delete_leftovers
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Ack, Segment
from callcenter.platform.wire.voicemail import PartAck

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def say(outbox: Outbox, text: str, speaker: Speaker = Speaker.CALLER, offer: str = "o1") -> Segment:
    return outbox.add(offer, speaker, text, started_at=NOW, ended_at=NOW)


def waiting(outbox: Outbox) -> list[str]:
    """The texts that are not acknowledged."""
    return [kept.text for kept in outbox.unacknowledged() if isinstance(kept, Segment)]


async def written(outbox: Outbox) -> None:
    """The disk has caught up."""
    assert await outbox.flushed("another offer", 5)


async def test_segments_are_numbered_from_one_for_each_offer_and_speaker() -> None:
    outbox = Outbox(None)
    numbers = [
        say(outbox, "a").seq,
        say(outbox, "b", Speaker.AGENT).seq,
        say(outbox, "c").seq,
        say(outbox, "d", offer="o2").seq,
    ]
    assert numbers == [1, 1, 2, 1]


async def test_an_acknowledgement_covers_everything_up_to_its_number_and_nothing_else() -> None:
    outbox = Outbox(None)
    for text in ("a", "b", "c"):
        say(outbox, text)
    say(outbox, "d", Speaker.AGENT)
    outbox.acknowledge(Ack(offer_id="o1", speaker=Speaker.CALLER, seq=2))
    assert waiting(outbox) == ["c", "d"]


async def test_numbering_goes_on_after_everything_was_acknowledged() -> None:
    outbox = Outbox(None)
    say(outbox, "a")
    outbox.acknowledge(Ack(offer_id="o1", speaker=Speaker.CALLER, seq=1))
    assert say(outbox, "b").seq == 2


async def test_what_is_not_acknowledged_lies_on_disk_for_the_owner_only(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    segments = [say(outbox, "a"), say(outbox, "b", Speaker.AGENT)]
    file = tmp_path / "outbox" / "o1.jsonl"
    await written(outbox)
    assert [Segment.model_validate_json(line) for line in file.read_text().splitlines()[1:]] == segments
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    outbox.acknowledge(Ack(offer_id="o1", speaker=Speaker.CALLER, seq=1))
    await written(outbox)
    assert file.exists()
    outbox.acknowledge(Ack(offer_id="o1", speaker=Speaker.AGENT, seq=1))
    assert await outbox.flushed("o1", 5)
    assert not file.exists()


async def test_a_disk_that_hangs_does_not_hold_up_what_is_said(tmp_path: Path) -> None:
    pipe = tmp_path / "o1.new"
    os.mkfifo(pipe)
    outbox = Outbox(tmp_path)

    def read_a_little() -> None:
        with pipe.open("rb") as file:
            file.read(1)

    reader = threading.Timer(2, read_a_little)
    reader.start()
    say(outbox, "a")
    assert not reader.finished.is_set(), "nobody read the pipe, so who waited for the disk was not held up"
    await asyncio.to_thread(reader.join)


async def test_files_nobody_has_written_to_for_a_day_are_deleted(tmp_path: Path) -> None:
    now = 1_700_000_000.0
    for name, age in (
        ("old.jsonl", LEFTOVER_SECONDS + 1),
        ("old.undeliverable", LEFTOVER_SECONDS + 1),
        ("young.jsonl", LEFTOVER_SECONDS - 1),
        ("other.txt", LEFTOVER_SECONDS + 1),
    ):
        path = tmp_path / name
        path.touch()
        os.utime(path, (now - age, now - age))
    assert delete_leftovers(tmp_path, now=now) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"young.jsonl", "other.txt"}
    assert delete_leftovers(tmp_path / "missing", now=now) == 0


async def test_a_disk_that_cannot_be_written_loses_no_segment(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    outbox = Outbox(tmp_path / "outbox")
    say(outbox, "a")
    assert waiting(outbox) == ["a"]


async def test_flushing_reports_whether_everything_was_acknowledged() -> None:
    outbox = Outbox(None)
    assert await outbox.flushed("o1", 0)
    say(outbox, "a")
    assert not await outbox.flushed("o1", 0.01)


async def test_overlong_text_is_cut_to_what_the_desk_takes() -> None:
    assert len(say(Outbox(None), "x" * (MAX_TEXT_LENGTH + 1)).text) == MAX_TEXT_LENGTH


async def test_nothing_is_kept_of_an_offer_that_is_over_but_what_is_not_acknowledged() -> None:
    outbox = Outbox(None)
    outbox.address("o1", Address(url="ws://desk", token="t"))
    say(outbox, "a")
    outbox.forget("o1")
    assert say(outbox, "b").seq == 2, "the first is not acknowledged"
    outbox.acknowledge(Ack(offer_id="o1", speaker=Speaker.CALLER, seq=2))
    outbox.forget("o1")
    assert (outbox._addresses, outbox._last_seq) == ({}, {})


async def test_parts_of_a_message_have_numbers_and_acknowledgements_of_their_own(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    said = say(outbox, "a")
    parts = [outbox.add_part("o1", bytes([n]), box="support", started_at=NOW) for n in (1, 2, 255)]
    assert [part.seq for part in parts] == [1, 2, 3]
    await written(outbox)
    lines = (tmp_path / "o1.jsonl").read_bytes().splitlines()[1:]
    assert [KEPT.validate_json(line) for line in lines] == [said, *parts]
    outbox.acknowledge(PartAck(offer_id="o1", seq=2))
    assert outbox.unacknowledged() == [said, parts[2]]
    outbox.acknowledge(Ack(offer_id="o1", speaker=Speaker.CALLER, seq=1))
    outbox.acknowledge(PartAck(offer_id="o1", seq=3))
    assert await outbox.flushed("o1", 5)
    assert not (tmp_path / "o1.jsonl").exists()
