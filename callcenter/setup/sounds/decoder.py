"""One uploaded file becomes sound that can be played, in a process of its own: `python -m …decoder SECONDS` reads the
file from its standard input and writes PCM. Files that are made to break decoders break this process alone."""

import io
import json
import resource
import sys
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore
from av.filter import Graph
from numpy.typing import NDArray

RATE = 24_000
LOUDNESS = -23.0  # LUFS: EBU R 128
TRUE_PEAK = 10 ** (-2 / 20)  # of full scale, 2 dB under it: coders of telephony overshoot
MEMORY_BYTES = 2 << 30
CPU_SECONDS = 60
PIECE = 4800
FORMATS = {b"RIFF": "wav", b"OggS": "ogg", b"fLaC": "flac", b"ID3": "mp3"}
MPEG_SYNC = 0xE0


class Unusable(Exception):
    """What is wrong with the file, in words that say what would be right."""


def format_of(data: bytes) -> str:
    """The container, by its first bytes: no other demuxer is ever asked, for some of them open further files."""
    for start, name in FORMATS.items():
        if data.startswith(start):
            return name
    if len(data) > 1 and data[0] == 0xFF and data[1] & MPEG_SYNC == MPEG_SYNC:
        return "mp3"
    raise Unusable("a WAV, MP3, Ogg or FLAC file")


def decoded(data: bytes, longest_seconds: float) -> NDArray[np.float32]:
    """The first audio stream as mono at 24 kHz. Raises Unusable."""
    parts: list[NDArray[np.float32]] = []
    length = 0
    try:
        with av.open(io.BytesIO(data), "r", format=format_of(data), metadata_errors="ignore") as file:
            if not file.streams.audio:
                raise Unusable("a file with a sound track")
            to_mono = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            for frame in file.decode(file.streams.audio[0]):
                for part in to_mono.resample(frame):
                    parts.append(_flat(part))
                    length += len(parts[-1])
                if length > longest_seconds * RATE:
                    raise Unusable(f"a sound of at most {longest_seconds:g} seconds")
            parts += [_flat(part) for part in to_mono.resample(None)]
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise Unusable("a WAV, MP3, Ogg or FLAC file that can be played") from error
    samples = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
    return np.nan_to_num(samples, posinf=0.0, neginf=0.0)


def _flat(frame: AudioFrame) -> NDArray[np.float32]:
    return np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1)


def measured(samples: NDArray[np.float32]) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak as a share of full scale (ITU-R BS.1770, by FFmpeg's `ebur128`)."""
    graph = Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono", time_base=Fraction(1, RATE))
    meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    loudness, peak = -70.0, 0.0
    for frame in _pieces(samples):
        graph.push(frame)
        for told in _pulled(graph):
            loudness = float(told.get("lavfi.r128.I", loudness))
            peak = max(peak, float(told.get("lavfi.r128.true_peak", 0.0)))
    return loudness, peak


def _pieces(samples: NDArray[np.float32]) -> Iterator[AudioFrame]:
    padded = np.concatenate([samples, np.zeros(-len(samples) % PIECE + PIECE, dtype=np.float32)])
    for start in range(0, len(padded), PIECE):
        frame = AudioFrame.from_ndarray(padded[None, start : start + PIECE], format="flt", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        yield frame


def _pulled(graph: Graph) -> Iterator[dict[str, str]]:
    while True:
        try:
            yield dict(graph.pull().metadata)
        except (NothingYet, NothingMore):
            return


def normalised(samples: NDArray[np.float32]) -> tuple[NDArray[np.int16], float]:
    """One gain for the whole sound, so that its loudness is -23 LUFS, or as much less as its peaks ask for; and the
    loudness it had. Raises Unusable for silence."""
    loudness, peak = measured(samples)
    if peak <= 0 or loudness <= -70:
        raise Unusable("a sound that can be heard, of at least half a second")
    gain = min(10 ** ((LOUDNESS - loudness) / 20), TRUE_PEAK / peak)
    return np.asarray(np.clip(samples * gain, -1, 1) * 32767).astype("<i2"), loudness


def main() -> int:
    """Answers on standard output: a line of JSON, and PCM after it where that has no `expected`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        samples, loudness = normalised(decoded(sys.stdin.buffer.read(), float(sys.argv[1])))
    except Unusable as unusable:
        sys.stdout.buffer.write(json.dumps({"expected": str(unusable)}).encode() + b"\n")
        return 0
    sys.stdout.buffer.write(json.dumps({"loudness": loudness}).encode() + b"\n" + samples.tobytes())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
