"""A supervisor's tone in what a telephone heard: no voice has most of its energy at one frequency."""

import asyncio
import time

import numpy as np
from numpy.typing import NDArray

from callcenter.platform.embedded.phone.media.g711 import codec_of_payload_type
from callcenter.platform.embedded.phone.media.recording import Recording

TONE_HZ = 1_000
PHONE_RATE = 8_000
WINDOW = PHONE_RATE // 20  # 50 ms
FAINT = 100.0  # energy of a window, far below any speech


def _is_tone(windows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of each row of samples."""
    wave_at = np.exp(-2j * np.pi * TONE_HZ * np.arange(windows.shape[1]) / PHONE_RATE)
    tone = 2 * np.abs(windows @ wave_at / windows.shape[1]) ** 2
    energy = (windows**2).mean(axis=1)
    found: NDArray[np.bool_] = (tone > 0.6 * energy) & (energy > FAINT)
    return found


def tone_seconds(heard: Recording, start: float, end: float) -> float:
    """For how long the tone was heard between two instants of `time.monotonic`, in windows of 50 ms."""
    assert heard.started_at is not None
    samples = heard.pcm()[int((start - heard.started_at) * PHONE_RATE) : int((end - heard.started_at) * PHONE_RATE)]
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW).astype(np.float64)
    return float(_is_tone(windows).sum() * WINDOW / PHONE_RATE)


def tone_packets(heard: Recording, after: float) -> list[float]:
    """The instants of all packets with the tone that came after that one."""
    found = []
    for packet in reversed(heard.packets):
        if packet.at <= after:
            break
        codec = codec_of_payload_type(packet.payload_type)
        if codec is not None and len(packet.payload) >= WINDOW // 5:
            found += [packet.at] * int(_is_tone(codec.decode(packet.payload)[None, :].astype(np.float64)).sum())
    return found[::-1]


async def hears_tone(heard: Recording, after: float, timeout: float = 5) -> float:
    """The instant of the first packet with the tone after that one."""
    deadline = time.monotonic() + timeout
    while not (found := tone_packets(heard, after)):
        assert time.monotonic() < deadline, f"the tone was not heard within {timeout} s"
        await asyncio.sleep(0.02)
    return found[0]


async def hears_no_tone(heard: Recording, after: float, quiet: float = 0.6, timeout: float = 5) -> float:
    """The instant at which the tone ended after that one, once it has not been heard for `quiet` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        now = time.monotonic()
        last = max(tone_packets(heard, after), default=after)
        if now - last >= quiet:
            return last
        assert now < deadline, f"the tone was still heard after {timeout} s"
        await asyncio.sleep(0.02)
