"""The 20 ms beat."""

import asyncio
import time

import pytest

from callcenter.platform.embedded.phone.media.pacer import Pacer

pytestmark = pytest.mark.pure


class Counter:
    """A stream that counts, and stalls the process at some of its frames if told to."""

    def __init__(self, wanted: int, stall_seconds: float = 0.0, stalls: range = range(0)) -> None:
        self.sent: list[float] = []
        self.skipped = 0
        self.reached = asyncio.Event()
        self._wanted = wanted
        self._stall_seconds = stall_seconds
        self._stalls = stalls

    def send_frame(self) -> None:
        self.sent.append(time.monotonic())
        if len(self.sent) in self._stalls:
            time.sleep(self._stall_seconds)
        if len(self.sent) + self.skipped >= self._wanted:
            self.reached.set()

    def skip_frames(self, count: int) -> None:
        self.skipped += count


async def test_lateness_never_adds_up() -> None:
    pacer, stream = Pacer(), Counter(wanted=60, stall_seconds=0.05, stalls=range(5, 60, 5))
    started = time.monotonic()
    pacer.add(stream)
    await asyncio.wait_for(stream.reached.wait(), 10)
    pacer.remove(stream)
    due = (time.monotonic() - started) / 0.02
    assert abs(due - len(stream.sent) - stream.skipped) < 5


async def test_after_a_long_stall_the_missed_frames_are_skipped_not_sent_in_a_burst() -> None:
    pacer, stream = Pacer(), Counter(wanted=40, stall_seconds=0.5, stalls=range(5, 6))
    pacer.add(stream)
    await asyncio.wait_for(stream.reached.wait(), 5)
    pacer.remove(stream)
    assert stream.skipped >= 20
    assert sum(1 for at in stream.sent if stream.sent[4] + 0.5 <= at < stream.sent[4] + 0.51) <= 3


async def test_a_stream_that_was_removed_is_driven_no_more() -> None:
    pacer, gone, staying = Pacer(), Counter(wanted=1), Counter(wanted=10)
    pacer.add(gone)
    pacer.add(staying)
    pacer.remove(gone)
    sent = len(gone.sent)
    await asyncio.wait_for(staying.reached.wait(), 5)
    pacer.remove(staying)
    assert len(gone.sent) == sent
