"""Sound as arrays: WAV in and out, resampling, and where in it somebody speaks."""

import io
import math
import wave

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

FRAME_SECONDS = 0.02


class NotWav(Exception):
    """The bytes are no WAV file with 8, 16, 24 or 32 bits of PCM a sample."""


def read_wav(data: bytes) -> tuple[Samples, int]:
    """The file as 16-bit mono (channels averaged) and its rate in Hz. Raises NotWav."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError) as error:
        raise NotWav(str(error) or "the file ends early") from error
    if width not in (1, 2, 3, 4) or not channels or not 1000 <= rate <= 384_000:
        raise NotWav(f"{channels} channels of {8 * width} bits at {rate} Hz")
    return _sixteen_bits(raw, width, channels), rate


def _sixteen_bits(raw: bytes, width: int, channels: int) -> Samples:
    octets = np.frombuffer(raw[: len(raw) // (width * channels) * width * channels], dtype=np.uint8)
    if width == 1:
        samples = (octets.astype(np.int16) - 128) << 8
    else:
        samples = np.ascontiguousarray(octets.reshape(-1, width)[:, -2:]).view("<i2").reshape(-1).astype(np.int16)
    if channels > 1:
        samples = samples.reshape(-1, channels).astype(np.float64).mean(axis=1).astype(np.int16)
    return samples


def wav(samples: Samples, rate: int) -> bytes:
    """A 16-bit mono WAV file."""
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return held.getvalue()


def resample(samples: Samples, rate: int, new_rate: int) -> Samples:
    """The same sound at another rate, without what the lower of the two cannot carry.

    By cutting or padding the spectrum, the exact way for a whole piece of sound; the zeros at both ends keep the
    transform, which takes the sound for periodic, from letting the end ring into the beginning. All lengths are
    multiples that both rates share, so nothing is shifted.
    """
    if rate == new_rate or not len(samples):
        return samples
    step, new_step = rate // math.gcd(rate, new_rate), new_rate // math.gcd(rate, new_rate)
    margin = math.ceil(rate * FRAME_SECONDS / step)
    steps = 2 * margin + math.ceil(len(samples) / step)
    padded = np.zeros(steps * step)
    padded[margin * step : margin * step + len(samples)] = samples
    spectrum, length = np.fft.rfft(padded), steps * new_step
    kept = min(len(spectrum), length // 2 + 1)
    resized = np.zeros(length // 2 + 1, dtype=np.complex128)
    resized[:kept] = spectrum[:kept]
    sound = np.fft.irfft(resized, length) * (length / len(padded))
    start = margin * new_step
    return to_int16(sound[start : start + round(len(samples) * new_rate / rate)])


def to_int16(sound: NDArray[np.float64]) -> Samples:
    """Round and clip to 16 bits."""
    return np.clip(np.rint(sound), -32768, 32767).astype(np.int16)


def loudness(samples: Samples, rate: int) -> NDArray[np.float64]:
    """The root mean square of each 20 ms; a rest that is shorter is left out."""
    size = int(rate * FRAME_SECONDS)
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    levels: NDArray[np.float64] = np.sqrt(np.mean(frames**2, axis=1))
    return levels


def trim(samples: Samples, rate: int, *, floor: float, below_peak: float, margin_seconds: float) -> Samples:
    """The part between the first and the last sound, with a margin on both sides; empty if nothing is loud enough.

    Sound is what exceeds both `floor` (root mean square of 16-bit samples) and `below_peak` times the loudest 20 ms.
    """
    levels = loudness(samples, rate)
    if not len(levels) or levels.max() < floor:
        return samples[:0]
    loud = np.nonzero(levels > max(floor, levels.max() * below_peak))[0]
    if not len(loud):
        return samples[:0]
    size, margin = int(rate * FRAME_SECONDS), int(rate * margin_seconds)
    return samples[max(0, int(loud[0]) * size - margin) : (int(loud[-1]) + 1) * size + margin]
