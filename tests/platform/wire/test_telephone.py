"""G.711 µ-law, and what of it is louder than a quiet line."""

import numpy as np
import pytest

from callcenter.platform.wire.telephone import RATE, from_ulaw, seconds_of, to_ulaw, voiced_seconds

pytestmark = pytest.mark.pure


def test_known_codes_of_the_recommendation() -> None:
    samples = np.array([0, -1, 32767, -32768, 1000, -1000], dtype=np.int16)
    assert to_ulaw(samples).hex() == "ff7f8000ce4e"


def test_what_was_coded_is_coded_the_same_again() -> None:
    codes = bytes(range(256))
    assert to_ulaw(from_ulaw(codes)) == codes.replace(b"\x7f", b"\xff"), "0 has two codes"


def test_sound_keeps_its_shape() -> None:
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.int16)
    coded = to_ulaw(tone)
    assert seconds_of(coded) == 1.0
    error = from_ulaw(coded).astype(float) - tone
    assert 20 * np.log10(np.std(tone) / np.std(error)) > 33, "G.712 asks for 33 dB"


def test_silence_and_a_quiet_line_are_no_voice_and_speech_is() -> None:
    noise = np.random.default_rng(1).normal(0, 60, RATE).astype(np.int16)
    tone = (3000 * np.sin(2 * np.pi * 300 * np.arange(RATE // 2) / RATE)).astype(np.int16)
    assert voiced_seconds(np.zeros(RATE, dtype=np.int16)) == 0
    assert voiced_seconds(noise) == 0
    assert voiced_seconds(np.concatenate([noise, tone])) == pytest.approx(0.5, abs=0.02)
