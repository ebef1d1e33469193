"""Which known sentences each turn of a recording contains: heard in a process that gives way to what is measured."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from tests.campaign.phrases import known_sentences
from tests.ear import RATE, Ear

NICENESS = 5
LONGEST_TURN_SECONDS = 20.0
_ear: list[Ear] = []

Samples = NDArray[np.int16]


@contextmanager
def ears() -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_prepare) as pool:
        yield pool


async def sentences_in(
    pool: ProcessPoolExecutor, recording: Samples, spans: list[tuple[float, float]]
) -> list[list[str]]:
    """For each span (seconds from the recording's start) the known sentences in it; music without end is
    left out. Nothing is heard any more once the process is gone."""
    pieces = [
        recording[max(0, int((a - 0.1) * RATE)) : int((min(b, a + LONGEST_TURN_SECONDS) + 0.1) * RATE)]
        for a, b in spans
    ]
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, _listen, pieces)
    except BrokenExecutor:
        return [[] for _ in spans]


def _prepare() -> None:
    os.nice(NICENESS)
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.SIG_IGN)  # a terminal or timeout(1) tells the whole group; the campaign decides
    _ear.append(Ear(known_sentences()))


def _listen(pieces: list[Samples]) -> list[list[str]]:
    return [_ear[0].listen(piece) if len(piece) else [] for piece in pieces]
