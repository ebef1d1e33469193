"""Sound as Opus packets of 20 ms, and back (RFC 6716), with FFmpeg's libopus."""

from collections.abc import Iterator

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler

from callcenter.inroom.sound.music import RATE, Samples

PACKET_SECONDS = 0.02
PACKET_SAMPLES = int(PACKET_SECONDS * RATE)
BIT_RATE = 32_000
# Of 10: what more brings is beyond what a telephone passes on, at twice the CPU.
COMPLEXITY = 5


def encode(samples: Samples) -> tuple[bytes, ...]:
    """The packets of this sound, 24 kHz mono, the last one filled up with silence. Takes some milliseconds a second."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    encoder.bit_rate = BIT_RATE
    encoder.options = {"application": "audio", "frame_duration": "20", "compression_level": str(COMPLEXITY)}
    count = -(-len(samples) // PACKET_SAMPLES)
    whole = np.zeros(count * PACKET_SAMPLES, dtype=np.int16)
    whole[: len(samples)] = samples
    packets = [bytes(packet) for frame in _frames(whole) for packet in encoder.encode(frame)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    return tuple(packets[:count])


def _frames(samples: Samples) -> Iterator[av.AudioFrame]:
    for start in range(0, len(samples), PACKET_SAMPLES):
        part = samples[start : start + PACKET_SAMPLES].reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        yield frame


class Decoder:
    """What one participant says, packet by packet."""

    def __init__(self, rate: int) -> None:
        decoder = av.CodecContext.create("libopus", "r")
        assert isinstance(decoder, AudioCodecContext)
        decoder.sample_rate = 48_000
        self._decoder = decoder
        self._resampler = AudioResampler(format="s16", layout="mono", rate=rate)

    def samples(self, packet: bytes) -> Samples:
        """The sound of the next packet, mono at the rate asked for; none of one that is broken."""
        try:
            decoded = self._decoder.decode(av.Packet(packet))
        except av.FFmpegError:
            return np.zeros(0, dtype=np.int16)
        parts = [made.to_ndarray().reshape(-1) for frame in decoded for made in self._resampler.resample(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
