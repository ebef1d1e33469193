"""Sound as packets and back."""

import numpy as np
import pytest

from callcenter.inroom.sender.opus import PACKET_SAMPLES, PACKET_SECONDS, Decoder, encode
from callcenter.inroom.sound import tone
from callcenter.inroom.sound.music import RATE

pytestmark = pytest.mark.pure


def heard(packets: tuple[bytes, ...], rate: int) -> np.ndarray:
    decoder = Decoder(rate)
    return np.concatenate([decoder.samples(packet) for packet in packets])


def level(samples: np.ndarray) -> float:
    return float(np.sqrt((samples.astype(float) ** 2).mean()))


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_what_is_encoded_is_heard_as_loud_as_high_and_as_long_as_it_was(rate: int) -> None:
    beep = tone.beep()
    packets = encode(beep)
    assert len(packets) * PACKET_SECONDS == pytest.approx(len(beep) / RATE)
    samples = heard(packets, rate)
    assert len(samples) / rate == pytest.approx(len(beep) / RATE, abs=PACKET_SECONDS)
    assert level(samples) == pytest.approx(level(beep), rel=0.1)
    loudest = np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples)
    assert loudest == pytest.approx(tone.HERTZ, rel=0.02)


def test_the_last_packet_is_filled_up_with_silence() -> None:
    assert len(encode(np.ones(PACKET_SAMPLES + 1, dtype=np.int16))) == 2
    assert encode(np.zeros(0, dtype=np.int16)) == ()


def test_a_packet_that_is_none_is_no_sound_and_disturbs_none_after_it() -> None:
    packets = encode(tone.beep())
    decoder = Decoder(8_000)
    assert len(decoder.samples(b"\xff")) == 0
    assert any(len(decoder.samples(packet)) for packet in packets)
