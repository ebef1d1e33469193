"""Words and sound on their way to the desk: segments numbered from 1 per offer and speaker, parts of a message that the
caller leaves per offer; kept until acknowledged.

Each is also appended to a small file of its offer (offer_file.py), deleted once the desk has stored everything. A
process that dies before that leaves its file, and a living worker delivers it (replay.py).
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from callcenter.inroom.client.kept import VOICEMAIL, Kept, series, series_of
from callcenter.inroom.client.offer_file import Address, OfferFile
from callcenter.inroom.client.text import storable
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Ack, Segment
from callcenter.platform.wire.voicemail import PartAck, VoicemailPart

logger = logging.getLogger(__name__)

MAX_TEXT_LENGTH = 20_000

_Series = tuple[str, str]


def outbox_folder(data_dir: Path) -> Path:
    """Where the processes of one installation keep what is not acknowledged."""
    return data_dir / "outbox"


class Outbox:
    """Keeps everything, in order, until the desk acknowledges it. One event loop uses it; it has no locks.

    Files are written by one thread of its own, in order, so that a slow disk never holds up the loop that speaks.
    """

    def __init__(self, folder: Path | None) -> None:
        """`folder` receives one file per offer, for the owner only; None keeps segments in memory."""
        self._folder = folder
        self._addresses: dict[str, Address] = {}
        self._files: dict[str, OfferFile] = {}
        self._disk = None if folder is None else ThreadPoolExecutor(1, "outbox")
        self._last_seq: dict[_Series, int] = {}
        self._waiting: dict[str, list[Kept]] = {}
        self._changed = asyncio.Event()

    def address(self, offer_id: str, address: Address) -> None:
        """Where what this offer leaves is taken if this process dies with them; to be said before the first one."""
        self._addresses[offer_id] = address

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
        identity: str = "",
    ) -> Segment:
        """Number a finished utterance and keep it.

        NUL and lone surrogates are dropped; then `text` must not be empty, and is cut after 20,000 characters.
        """
        segment = Segment(
            offer_id=offer_id,
            speaker=speaker,
            seq=self._last_seq.get((offer_id, series(speaker, identity)), 0) + 1,
            text=storable(text)[:MAX_TEXT_LENGTH],
            started_at=started_at,
            ended_at=max(started_at, ended_at),
            interrupted=interrupted,
            language=storable(language) if language else None,
            identity=identity,
        )
        self._keep(segment)
        return segment

    def add_part(
        self, offer_id: str, audio: bytes, *, box: str, started_at: datetime, language: str | None = None
    ) -> VoicemailPart:
        """Number the next part of the message that the caller leaves in this box, and keep it."""
        part = VoicemailPart(
            offer_id=offer_id,
            seq=self._last_seq.get((offer_id, VOICEMAIL), 0) + 1,
            box=box,
            language=language,
            started_at=started_at,
            audio=audio,
        )
        self._keep(part)
        return part

    def _keep(self, kept: Kept) -> None:
        self._last_seq[kept.offer_id, series_of(kept)] = kept.seq
        self._waiting.setdefault(kept.offer_id, []).append(kept)
        self._write_down(kept)

    def acknowledge(self, ack: Ack | PartAck) -> None:
        """Forget what is stored: everything of this offer and speaker, or of its message, up to the acknowledged
        number."""
        waiting = self._waiting.get(ack.offer_id)
        if waiting is None:
            return
        left = [kept for kept in waiting if series_of(kept) != series_of(ack) or kept.seq > ack.seq]
        if left:
            self._waiting[ack.offer_id] = left
        else:
            del self._waiting[ack.offer_id]
            self._forget_file(ack.offer_id)
        self._changed.set()

    def forget(self, offer_id: str) -> None:
        """Nothing more is said under this offer; what still waits to be acknowledged is kept."""
        if offer_id not in self._waiting:
            self._addresses.pop(offer_id, None)
            self._last_seq = {series: seq for series, seq in self._last_seq.items() if series[0] != offer_id}

    def unacknowledged(self, offer_id: str | None = None) -> list[Kept]:
        """What still has to be stored, in the order it was said; of one offer or of all."""
        if offer_id is not None:
            return list(self._waiting.get(offer_id, ()))
        return [kept for waiting in self._waiting.values() for kept in waiting]

    async def flushed(self, offer_id: str, timeout_seconds: float) -> bool:
        """Wait until everything of this offer is acknowledged and its file gone; False when the desk took longer."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while offer_id in self._waiting:
                    self._changed.clear()
                    await self._changed.wait()
                if self._disk is not None:
                    await asyncio.wrap_future(self._disk.submit(_nothing))
        except TimeoutError:
            return offer_id not in self._waiting
        return True

    def _write_down(self, kept: Kept) -> None:
        if self._folder is None:
            return
        offer_id = kept.offer_id
        if offer_id not in self._files:
            self._files[offer_id] = OfferFile(self._folder, offer_id, self._addresses.get(offer_id))
        file = self._files[offer_id]
        self._on_disk(offer_id, lambda: file.append(kept))

    def _forget_file(self, offer_id: str) -> None:
        if (file := self._files.pop(offer_id, None)) is not None:
            self._on_disk(offer_id, file.delete)

    def _on_disk(self, offer_id: str, change: Callable[[], None]) -> None:
        assert self._disk is not None

        def work() -> None:
            try:
                change()
            except OSError as error:
                logger.warning("outbox file not written", extra={"offer": offer_id, "error": str(error)})

        self._disk.submit(work)


def _nothing() -> None:
    """What the disk's thread does last shows that it has done everything before."""
