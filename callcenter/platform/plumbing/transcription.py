"""Speech to text of whole recordings, through an OpenAI-compatible `/audio/transcriptions`."""

import openai

from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.clients import model_client
from callcenter.platform.wire.endpoints import Access, access
from callcenter.platform.wire.settings import Settings

# OpenAI takes about a tenth of the sound's length; ten minutes of it, and a slow server of one's own.
TIMEOUT_SECONDS = 240.0


class NotTranscribed(Exception):
    """The model did not write it down; the message names the kind of failure and nothing of the caller."""


class Transcription:
    """Sends recordings to the endpoint that a profile names, one client for each."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keyring = Keyring.of(settings)
        self._clients: dict[Access, openai.AsyncOpenAI] = {}

    async def text_of(self, wav: bytes, endpoint: ModelEndpoint, language: str | None) -> str:
        """What is said in this WAV file; `language` as BCP 47, of which the model is told ISO 639-1. Raises
        NotTranscribed."""
        try:
            answer = await self._client(endpoint).audio.transcriptions.create(
                model=endpoint.model,
                file=("message.wav", wav, "audio/wav"),
                response_format="json",
                language=language.partition("-")[0] if language else openai.omit,
            )
        except (openai.OpenAIError, OSError, ValueError, TimeoutError) as error:
            raise NotTranscribed(type(error).__name__) from error
        return answer.text

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()

    def _client(self, endpoint: ModelEndpoint) -> openai.AsyncOpenAI:
        reach = access(self._keyring.opened(endpoint), self._settings)
        if reach not in self._clients:
            self._clients[reach] = model_client(reach, TIMEOUT_SECONDS, retries=0)
        return self._clients[reach]
