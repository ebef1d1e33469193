"""A message is cut into parts of a second, and nothing of it waits longer."""

from datetime import datetime

import numpy as np
import pytest

from callcenter.inroom.attendant.recording import Tape
from callcenter.platform.wire.telephone import RATE, from_ulaw

pytestmark = pytest.mark.pure


def tone(seconds: float) -> np.ndarray:
    return (4000 * np.sin(2 * np.pi * 400 * np.arange(int(seconds * RATE)) / RATE)).astype(np.int16)


def test_every_second_is_given_away_at_once_and_the_rest_when_it_is_cut() -> None:
    parts: list[bytes] = []
    tape = Tape(lambda audio, _: parts.append(audio), now=0)
    for _ in range(25):
        tape.feed(tone(0.1), now=0)
    assert [len(part) for part in parts] == [RATE, RATE]
    tape.cut()
    tape.cut()
    assert [len(part) for part in parts] == [RATE, RATE, RATE // 2]
    heard = from_ulaw(b"".join(parts)).astype(float)
    assert np.corrcoef(heard, np.tile(tone(0.1), 25))[0, 1] > 0.999


def test_the_last_voice_is_remembered_and_silence_is_none() -> None:
    began: list[datetime] = []
    tape = Tape(lambda _, at: began.append(at), now=5)
    tape.feed(np.zeros(RATE // 10, dtype=np.int16), now=6)
    assert (tape.voice_at, tape.voiced) == (5, 0)
    tape.feed(tone(0.1), now=7)
    tape.feed(np.zeros(RATE, dtype=np.int16), now=8)
    assert tape.voice_at == 7
    assert tape.voiced == pytest.approx(0.1, abs=0.02)
    assert len(began) == 1
    assert began[0].tzinfo is not None
