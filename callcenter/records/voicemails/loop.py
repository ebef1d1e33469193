"""Messages are written down by the speech-to-text model of the profile that the call was for."""

import logging
from typing import Protocol

from callcenter.journey import voicemail
from callcenter.journey.verb import Journey
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.transcription import NotTranscribed
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.telephone import RATE, from_ulaw
from callcenter.records.calls import store as calls
from callcenter.records.voicemails import read, store
from callcenter.records.voicemails.rules import PIECE_SECONDS, wav_header
from callcenter.records.voicemails.store import Kept
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import ReadyProfile

log = logging.getLogger(__name__)

CLOSE_SECONDS = 1.0
WRITE_SECONDS = 1.0


class Model(Protocol):
    """Writes down what is said in a WAV file. Raises NotTranscribed."""

    async def text_of(self, wav: bytes, endpoint: ModelEndpoint, language: str | None) -> str: ...


class Scribe:
    """One message after the other; several routers share the work."""

    def __init__(self, j: Journey, model: Model) -> None:
        self._j = j
        self._model = model

    async def write_once(self) -> int:
        """Write down every message that is due; returns how many were."""
        done = 0
        while True:
            async with self._j.db.transaction() as tx:
                kept = await store.claim_due(tx)
                endpoint, language = await self._asked(tx, kept) if kept else (None, None)
            if kept is None or endpoint is None:
                return done
            done += await self._write(kept, endpoint, language)

    async def _asked(self, tx: Tx, kept: Kept) -> tuple[ModelEndpoint, str | None]:
        """The model and the language of the message's call."""
        name = await calls.profile_of(tx, kept.call_id)
        profile = await profiles.find(tx, name) if name else None
        if profile is None:
            default: ModelEndpoint = ReadyProfile.model_fields["stt"].get_default()
            return default, kept.language
        return profile.stt, kept.language or profile.language

    async def _write(self, kept: Kept, endpoint: ModelEndpoint, language: str | None) -> bool:
        about = {"voicemail": kept.id, "call": kept.call_id, "attempt": kept.attempts}
        try:
            pieces = [
                await self._piece(kept, first, endpoint, language)
                for first in range(0, kept.samples, PIECE_SECONDS * RATE)
            ]
        except NotTranscribed as error:
            again = await voicemail.not_transcribed(self._j, kept, str(error))
            log.warning("voicemail not transcribed", extra={**about, "error": str(error), "again": again})
            return False
        done = await voicemail.transcribed(self._j, kept, " ".join(piece.strip() for piece in pieces))
        if done:
            log.info("voicemail transcribed", extra=about)
        return done

    async def _piece(self, kept: Kept, first: int, endpoint: ModelEndpoint, language: str | None) -> str:
        async with self._j.db.transaction() as tx:
            sound = await read.sound(tx, kept.id, first, min(PIECE_SECONDS * RATE, kept.samples - first))
        samples = from_ulaw(sound)
        return await self._model.text_of(wav_header(len(samples)) + samples.tobytes(), endpoint, language)
