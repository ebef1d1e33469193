"""What a recording says about packets whose instants are given."""

import wave
from pathlib import Path

import numpy as np
import pytest

from callcenter.platform.embedded.phone.media.g711 import codec
from callcenter.platform.embedded.phone.media.recording import Recording
from callcenter.platform.embedded.phone.media.rtp import Packet
from tests.platform.embedded.phone.lines import tone

pytestmark = pytest.mark.pure

LAW = codec("PCMU")
SOUND = LAW.encode(tone(0.02, hertz=500))
QUIET = bytes([LAW.silence]) * 160


def recording(*frames: tuple[float, bytes], first_timestamp: int = 1000, ssrc: int = 1) -> Recording:
    """A recording of frames given by instant and payload, their timestamps following their instants."""
    made = Recording()
    for number, (at, payload) in enumerate(frames):
        timestamp = (first_timestamp + round((at - frames[0][0]) * 8000)) % 2**32
        made.add(Packet(at, number, timestamp, ssrc, 0, False, payload))
    return made


def run(start: float, seconds: float, payload: bytes) -> list[tuple[float, bytes]]:
    return [(start + 0.02 * number, payload) for number in range(round(seconds / 0.02))]


def test_first_and_last_sound_are_the_instants_of_their_packets() -> None:
    heard = recording(*run(10, 0.2, QUIET), *run(10.2, 0.1, SOUND), *run(10.3, 0.2, QUIET), *run(10.5, 0.1, SOUND))
    assert heard.first_sound_at() == pytest.approx(10.2)
    assert heard.first_sound_at(after=10.3) == pytest.approx(10.5)
    assert heard.first_sound_at(after=10.7) is None
    assert heard.last_sound_at() == pytest.approx(10.6)
    assert heard.last_sound_at(before=10.5) == pytest.approx(10.3)


def test_silence_is_quiet_packets_and_missing_packets_alike() -> None:
    heard = recording(*run(10, 0.1, SOUND), *run(10.1, 0.4, QUIET), *run(10.5, 0.1, SOUND), *run(11.2, 0.1, SOUND))
    heard.ended_at = 12.0
    found = [(silence.start, silence.end) for silence in heard.silences(0.3)]
    assert found == [pytest.approx((10.1, 10.5)), pytest.approx((10.6, 11.2)), pytest.approx((11.3, 12.0))]


def test_silence_counts_from_the_answer_though_no_packet_came() -> None:
    heard = Recording()
    heard.ended_at = 14.0
    assert [silence.seconds for silence in heard.silences(1, since=10.0)] == [4.0]
    assert heard.silences(1) == []


def test_silences_are_cut_to_the_time_asked_for() -> None:
    heard = recording(*run(10, 0.1, SOUND), *run(12, 0.1, SOUND))
    found = heard.silences(0.5, since=10.5, until=11.5)
    assert [(silence.start, silence.end) for silence in found] == [pytest.approx((10.5, 11.5))]
    assert heard.silences(0.5, since=12.05, until=12.1) == []


def test_a_threshold_decides_what_is_sound() -> None:
    faint = LAW.encode(tone(0.02, hertz=500, amplitude=60))
    heard = recording(*run(10, 0.1, faint))
    assert heard.first_sound_at() is None
    assert heard.first_sound_at(threshold=30) == pytest.approx(10)


def test_missing_packets_are_silence_in_the_samples() -> None:
    heard = recording(*run(10, 0.1, SOUND), *run(10.3, 0.1, SOUND))
    samples = heard.pcm()
    assert heard.started_at == 10
    assert len(samples) == 3200
    assert not samples[800:2400].any()
    assert [bool(level > 1000) for level in heard.level(100)] == [True, False, False, True]


def test_jitter_and_disorder_do_not_change_the_samples() -> None:
    speech = tone(1, hertz=300)
    steady, shaken = Recording(), Recording()
    frames = [LAW.encode(speech[start : start + 160]) for start in range(0, 8000, 160)]
    late = [0.05 if number % 3 == 1 else 0.0 for number in range(50)]
    made = [Packet(5 + 0.02 * n, n, 2**32 - 800 + 160 * n, 9, 0, False, frames[n]) for n in range(50)]
    wrapped = [Packet(p.at, p.sequence, p.timestamp % 2**32, 9, 0, False, p.payload) for p in made]
    for packet in wrapped:
        steady.add(packet)
    moved = [Packet(p.at + late[n], p.sequence, p.timestamp, 9, 0, False, p.payload) for n, p in enumerate(wrapped)]
    for packet in sorted(moved, key=lambda packet: packet.at):
        shaken.add(packet)
    assert len(steady.pcm()) == 8000
    assert (steady.pcm() == shaken.pcm()).all()
    assert np.abs(steady.pcm().astype(np.int32) - speech).max() < 300


def test_audio_that_stalls_is_heard_late() -> None:
    heard = Recording()
    for number in range(20):
        stall = 0.5 if number >= 10 else 0.0
        heard.add(Packet(3 + 0.02 * number + stall, number, 160 * number, 1, 0, False, SOUND))
    levels = heard.level()
    assert len(levels) == 45
    assert [bool(level > 1000) for level in (levels[9], levels[10], levels[34], levels[35])] == [
        True,
        False,
        False,
        True,
    ]


def test_keypad_events_are_kept_but_are_no_audio() -> None:
    heard = recording(*run(10, 0.1, SOUND))
    assert not heard.add(Packet(10.1, 6, 1800, 1, 101, True, b"\x05\x0a\x00\xa0"))
    assert len(heard.packets) == 6
    assert len(heard.pcm()) == 800


def test_a_wav_file_holds_the_samples(tmp_path: Path) -> None:
    heard = recording(*run(10, 0.1, SOUND))
    heard.write_wav(tmp_path / "heard.wav")
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.readframes(800) == heard.pcm().astype("<i2").tobytes()
