"""Onsets and silences in synthetic calls, whose truth is known to the frame."""

import numpy as np
import pytest

from bench import ear
from bench.ear import Unmeasurable
from bench.voices import alike, cough, hum, sentence
from callcenter.platform.embedded.phone import Recording
from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE, codec
from callcenter.platform.embedded.phone.media.rtp import FRAME_SAMPLES, Packet

pytestmark = pytest.mark.pure

FRAME = 0.02
ULAW = codec("PCMU")
TONE = (3000 * np.sin(2 * np.pi * 300 * np.arange(FRAME_SAMPLES) / SAMPLE_RATE)).astype(np.int16)
QUIET = np.zeros(FRAME_SAMPLES, dtype=np.int16)
LATE = 0.021


def recording(*spans: tuple[float, float], until: float = 10.0) -> Recording:
    """A call that begins at 0 and has sound in these spans of seconds."""
    made = Recording()
    for number in range(round(until / FRAME)):
        at = number * FRAME
        loud = any(start <= at + 1e-9 < end - 1e-9 for start, end in spans)
        payload = ULAW.encode(TONE if loud else QUIET)
        made.add(Packet(at, number, number * FRAME_SAMPLES, 1, ULAW.payload_type, False, payload))
    return made


def test_speech_begins_with_its_first_sound_and_ends_with_its_last_whatever_silence_was_sent_with_it() -> None:
    said = recording((1.1, 2.9))
    assert ear.speech_span(said, 1.0, 3.0) == pytest.approx((1.1, 2.9), abs=LATE)


def test_an_utterance_without_sound_cannot_be_measured() -> None:
    with pytest.raises(Unmeasurable, match="nothing was said"):
        ear.speech_span(recording((5.0, 6.0)), 1.0, 3.0)


def test_the_answer_is_the_first_sound_after_the_caller_has_ended() -> None:
    assert ear.answer_after(recording((0.5, 1.0), (3.64, 5.0)), end=3.0, within=5) == pytest.approx(0.64, abs=LATE)


def test_an_agent_that_speaks_when_the_caller_ends_has_not_answered() -> None:
    with pytest.raises(Unmeasurable, match="spoke when the caller ended"):
        ear.answer_after(recording((2.0, 4.0)), end=3.0, within=5)


def test_an_answer_that_comes_too_late_is_none() -> None:
    with pytest.raises(Unmeasurable, match="no answer"):
        ear.answer_after(recording((9.0, 9.5)), end=3.0, within=5)


def test_the_agent_falls_silent_at_the_end_of_its_last_sound_and_breaths_before_do_not_count() -> None:
    heard = recording((1.0, 2.1), (2.4, 2.86), (5.0, 6.0))
    assert ear.silent_after(heard, onset=2.0, until=8.0) == pytest.approx(0.86, abs=LATE)


def test_an_agent_that_was_not_speaking_cannot_be_interrupted() -> None:
    with pytest.raises(Unmeasurable, match="not speaking"):
        ear.silent_after(recording((1.0, 1.5)), onset=2.0, until=8.0)


def test_an_agent_that_speaks_on_was_not_interrupted() -> None:
    with pytest.raises(Unmeasurable, match="spoke on"):
        ear.silent_after(recording((1.0, 9.0)), onset=2.0, until=6.0)


def test_a_stop_and_a_cut_off_are_seen() -> None:
    heard = recording((1.0, 3.2), (4.6, 6.0))
    assert ear.longest_silence(heard, 3.0, 6.0) == pytest.approx(1.4, abs=LATE)
    assert ear.spoke_between(heard, 4.0, 5.0)
    assert not ear.spoke_between(heard, 3.3, 4.5)


def test_missing_packets_are_silence() -> None:
    whole = recording((1.0, 8.0))
    torn = Recording()
    for packet in whole.packets:
        if not 2.5 <= packet.at < 4.0:
            torn.add(packet)
    assert ear.silent_after(torn, onset=2.0, until=8.0) == pytest.approx(0.5, abs=LATE)


def test_a_sentence_is_recognised_by_its_sound_through_the_telephone_and_another_is_not() -> None:
    one, other = sentence("you can pay by credit card"), sentence("delivery takes two to three working days")
    heard = ULAW.decode(ULAW.encode((one * 0.5).astype(np.int16)))[: int(0.6 * SAMPLE_RATE)]
    assert alike(heard, one) > 0.8
    assert alike(heard, other) < 0.6


def test_a_cough_and_a_hum_are_as_loud_as_speech_and_shorter_than_any_question() -> None:
    for sound in (cough(), hum()):
        assert 0.3 < len(sound) / SAMPLE_RATE < 0.55
        assert np.abs(sound).max() > 10_000
