"""Text to speech for messages that are spoken once and kept, through an OpenAI-compatible `/audio/speech`."""

import openai

from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.clients import model_client
from callcenter.platform.wire.endpoints import access
from callcenter.platform.wire.settings import Settings

TIMEOUT_SECONDS = 60.0


class NotSpoken(Exception):
    """The model did not speak it; the message says what failed, without the key."""


class Speaking:
    """Has a text spoken by the model that a profile names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def spoken(self, text: str, voice: str, endpoint: ModelEndpoint) -> bytes:
        """The text as a WAV file. Raises NotSpoken."""
        reach = access(endpoint, self._settings)
        client = model_client(reach, TIMEOUT_SECONDS, retries=1)
        try:
            async with client:
                answer = await client.audio.speech.create(
                    input=text, model=endpoint.model, voice=voice, response_format="wav"
                )
        except openai.APIStatusError as error:
            raise NotSpoken(f"it answered {error.status_code}") from error
        except (openai.OpenAIError, OSError, ValueError, TimeoutError) as error:
            raise NotSpoken(type(error).__name__) from error
        return answer.content
