"""Uploaded sounds: decoded in a process of their own, brought to one loudness, refused in words."""

import io
import wave
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest

from callcenter.setup.sounds.decoder import RATE, Unusable, decoded, format_of, measured, normalised
from callcenter.setup.sounds.rules import Unusable as Refused
from callcenter.setup.sounds.rules import prepare

pytestmark = pytest.mark.pure


def tone(seconds: float = 3.0, level: float = 0.02, rate: int = 44_100) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def wav(samples: np.ndarray, rate: int = 44_100, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.repeat((samples * 32767).astype("<i2"), channels).tobytes())
    return file.getvalue()


def coded(container: str, codec: Any) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=48_000, layout="mono")
        samples = tone(rate=48_000)
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = 48_000
        fifo.write(frame)
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=48_000)
        while (part := fifo.read(960, partial=True)) is not None:
            for ready in resampler.resample(part):
                out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    return file.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "wav": lambda: wav(tone()),
    "stereo": lambda: wav(tone(), channels=2),
    "flac": lambda: coded("flac", "flac"),
    "ogg": lambda: coded("ogg", "libopus"),
    "mp3": lambda: coded("mp3", "libmp3lame"),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_format_becomes_mono_at_24_khz_at_one_loudness(kind: str) -> None:
    samples, before = normalised(decoded(FILES[kind](), 300))
    assert len(samples) / RATE == pytest.approx(3.0, abs=0.1)
    loudness, peak = measured((samples / 32767).astype(np.float32))
    assert loudness == pytest.approx(-23.0, abs=0.3)
    assert peak < 0.8
    assert before == pytest.approx(-37.0, abs=3.0)


def test_a_sound_with_sharp_peaks_stays_quieter_than_its_peaks_would_bear() -> None:
    samples = tone(level=0.001)
    samples[:: 44_100 // 2] = 0.9
    normal, _ = normalised(decoded(wav(samples), 300))
    _, peak = measured((normal / 32767).astype(np.float32))
    assert peak < 10 ** (-1.5 / 20)


@pytest.mark.parametrize("data", [b"", b"#EXTM3U\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile x\n", b"\x7fELF"])
def test_what_is_no_sound_is_opened_by_no_demuxer(data: bytes) -> None:
    with pytest.raises(Unusable, match="a WAV, MP3, Ogg or FLAC file"):
        format_of(data)


async def test_a_good_file_is_kept_with_its_length_loudness_and_digest() -> None:
    kept = await prepare(FILES["wav"]())
    assert kept.seconds == pytest.approx(3.0, abs=0.1)
    assert kept.loudness == pytest.approx(-37.0, abs=3.0)
    assert kept.digest == (await prepare(FILES["wav"]())).digest


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"not a sound", "a WAV, MP3, Ogg or FLAC file"),
        (wav(tone())[:60], "a sound that can be heard"),
        (b"RIFF" + bytes(200), "can be played"),
        (b"OggS" + bytes(range(256)) * 20, "can be played"),
        (b"\xff\xfb" + bytes(4000), "can be played"),
        (wav(np.zeros(44_100)), "a sound that can be heard"),
        (wav(tone(301, rate=8000), rate=8000), "at most 300 seconds"),
    ],
    ids=["text", "cut off", "broken wav", "broken ogg", "broken mp3", "silence", "too long"],
)
async def test_what_cannot_be_used_is_refused_in_words_that_say_what_would_be_right(data: bytes, expected: str) -> None:
    with pytest.raises(Refused, match=expected):
        await prepare(data)
