"""The end-of-turn detector that ships with livekit-agents, on human-like speech as a telephone carries it.

Synthetic voices do not satisfy it, so these are recorded clips. It hears the last 1.2 seconds; its English threshold
is 0.36. Between a finished sentence and one that breaks off in the middle lie sentences that might be finished; they
are not tested, because the detector is not sure about them and neither is a listener.
"""

import numpy as np
import pytest
from livekit import local_inference, rtc
from livekit.agents import LanguageCode, inference
from numpy.typing import NDArray

from tests.inroom.conftest import clip

pytestmark = pytest.mark.pure

RATE = 16_000
WINDOW = 19_200
MU = 255
Samples = NDArray[np.int16]


def resampled(samples: Samples, source: int, target: int) -> Samples:
    resampler = rtc.AudioResampler(source, target, quality=rtc.AudioResamplerQuality.HIGH)
    frames = resampler.push(rtc.AudioFrame(samples.tobytes(), source, 1, len(samples))) + resampler.flush()
    return np.concatenate([np.frombuffer(frame.data, dtype=np.int16) for frame in frames])


def over_the_telephone(samples: Samples) -> Samples:
    """24 kHz → 8 kHz µ-law → 16 kHz, as G.711 and the agent's input do."""
    narrow = resampled(samples, 24_000, 8_000) / 32_768
    companded = np.round(np.sign(narrow) * np.log1p(MU * np.abs(narrow)) / np.log1p(MU) * 127) / 127
    linear = np.sign(companded) * ((1 + MU) ** np.abs(companded) - 1) / MU
    return resampled((linear * 32_767).astype(np.int16), 8_000, RATE)


def probability(samples: Samples, silence: float) -> float:
    heard = np.concatenate([samples, np.zeros(int(silence * RATE), dtype=np.int16)])[-WINDOW:]
    return float(local_inference.EOT().predict(heard))


@pytest.fixture(scope="module")
async def threshold() -> float:
    stream = inference.TurnDetector(version="v1-mini").stream()
    try:
        limit = await stream.unlikely_threshold(LanguageCode("en"))
    finally:
        await stream.aclose()
    assert limit is not None
    return limit


@pytest.mark.parametrize("name", ["weather_question.wav", "hello_world.wav"])
@pytest.mark.parametrize("silence", [0.3, 0.6])
def test_a_finished_sentence_is_recognised_as_finished(name: str, silence: float, threshold: float) -> None:
    assert probability(over_the_telephone(clip(name)), silence) > threshold


@pytest.mark.parametrize("seconds", [0.8, 0.9])
@pytest.mark.parametrize("silence", [0.3, 0.6])
def test_a_question_that_breaks_off_in_the_middle_is_not(seconds: float, silence: float, threshold: float) -> None:
    question = over_the_telephone(clip("weather_question.wav"))
    broken = probability(question[: int(seconds * RATE)], silence)
    assert broken < threshold
    assert broken < probability(question, silence) - 0.2
