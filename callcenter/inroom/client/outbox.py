"""Segments on their way to the desk: numbered from 1 per offer and speaker, kept until acknowledged.

Each is also appended to a small file, so that what the desk has not stored outlives the process that said it.
"""

import asyncio
import logging
import os
from datetime import datetime
from pathlib import Path

from callcenter.platform.wire.messages import Ack, Segment, Speaker

logger = logging.getLogger(__name__)

MAX_TEXT_LENGTH = 20_000

_Leg = tuple[str, Speaker]


class Outbox:
    """Keeps every segment, in order, until the desk acknowledges it. One event loop uses it; it has no locks."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` receives one JSON-lines file per offer, for the owner only; None keeps segments in memory."""
        self._folder = folder
        self._last_seq: dict[_Leg, int] = {}
        self._waiting: dict[str, list[Segment]] = {}
        self._changed = asyncio.Event()

    def add(
        self,
        offer_id: str,
        speaker: Speaker,
        text: str,
        *,
        started_at: datetime,
        ended_at: datetime,
        interrupted: bool = False,
        language: str | None = None,
    ) -> Segment:
        """Number a finished utterance and keep it. `text` must not be empty; what is over 20,000 characters is cut."""
        leg = (offer_id, speaker)
        segment = Segment(
            offer_id=offer_id,
            speaker=speaker,
            seq=self._last_seq.get(leg, 0) + 1,
            text=text[:MAX_TEXT_LENGTH],
            started_at=started_at,
            ended_at=max(started_at, ended_at),
            interrupted=interrupted,
            language=language,
        )
        self._last_seq[leg] = segment.seq
        self._waiting.setdefault(offer_id, []).append(segment)
        self._write_down(segment)
        return segment

    def acknowledge(self, ack: Ack) -> None:
        """Forget what is stored: everything of this offer and speaker up to the acknowledged number."""
        waiting = self._waiting.get(ack.offer_id)
        if waiting is None:
            return
        left = [s for s in waiting if s.speaker is not ack.speaker or s.seq > ack.seq]
        if left:
            self._waiting[ack.offer_id] = left
        else:
            del self._waiting[ack.offer_id]
            self._forget_file(ack.offer_id)
        self._changed.set()

    def unacknowledged(self, offer_id: str | None = None) -> list[Segment]:
        """What still has to be stored, in the order it was said; of one offer or of all."""
        if offer_id is not None:
            return list(self._waiting.get(offer_id, ()))
        return [segment for waiting in self._waiting.values() for segment in waiting]

    async def flushed(self, offer_id: str, timeout_seconds: float) -> bool:
        """Wait until everything of this offer is acknowledged; False when that took longer than the timeout."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while offer_id in self._waiting:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _file(self, offer_id: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{offer_id}.jsonl"

    def _write_down(self, segment: Segment) -> None:
        path = self._file(segment.offer_id)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
                file.write(segment.model_dump_json() + "\n")
        except OSError as error:
            logger.warning("segment not written to disk", extra={"offer": segment.offer_id, "error": str(error)})

    def _forget_file(self, offer_id: str) -> None:
        path = self._file(offer_id)
        if path is not None:
            path.unlink(missing_ok=True)
