"""Sound as the agent gets it from a telephone: through G.711 at 8 kHz, with the silence a voice detector leaves."""

import numpy as np
from numpy.typing import NDArray

from callcenter.platform.embedded.model_server.sound import resample, wav
from callcenter.platform.embedded.phone.media.g711 import codec
from tests.speech import speak

TELEPHONE_RATE = 8000
AGENT_RATE = 24000
SILENCE = np.zeros(TELEPHONE_RATE // 2, dtype=np.int16)


def phoned(text: str, voice: str = "slt") -> NDArray[np.int16]:
    """The spoken text at 24 kHz after its way through the telephone network."""
    return through_telephone(np.concatenate([SILENCE, speak(text, voice), SILENCE]))


def through_telephone(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Samples of 8 kHz through mu-law, at the 24 kHz at which LiveKit gives them to an agent."""
    law = codec("PCMU")
    return resample(law.decode(law.encode(samples)), TELEPHONE_RATE, AGENT_RATE)


def phoned_wav(text: str, voice: str = "slt") -> bytes:
    return wav(phoned(text, voice), AGENT_RATE)
