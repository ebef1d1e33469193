"""Words and sound that dead processes had not delivered: a living worker finds their files and sends them to the desk.

The desk's door for this (`/desk/replay`) opens with the token of the file's own offer, long after the call, and takes
nothing but that offer's segments and the parts of its message. What it has already is acknowledged and not stored
twice.
"""

import asyncio
import logging
import time
from pathlib import Path

from pydantic import ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from callcenter.inroom.client.kept import Kept, series_of
from callcenter.inroom.client.line import is_refusal
from callcenter.inroom.client.link import OPEN_TIMEOUT_SECONDS
from callcenter.inroom.client.offer_file import SUFFIX, UNDELIVERABLE, Address, Leftover, take_over
from callcenter.platform.wire.messages import DOWN, Ack
from callcenter.platform.wire.voicemail import PartAck

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
DELIVERY_SECONDS = 10.0
FIRST_RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 60.0
AT_ONCE = 10
LEFTOVER_SECONDS = 24 * 3600.0


class NotTakenError(Exception):
    """The desk takes some of these, and never the others."""


def delete_leftovers(folder: Path, *, now: float) -> int:
    """Delete files nobody has written to for a day before `now` (Unix time); returns how many. Never raises OSError."""
    deleted = 0
    for path in [*folder.glob(f"*{SUFFIX}"), *folder.glob(f"*{UNDELIVERABLE}"), *folder.glob("*.new")]:
        try:
            if path.stat().st_mtime < now - LEFTOVER_SECONDS:
                path.unlink()
                deleted += 1
        except OSError as error:
            logger.warning("leftover segments not deleted", extra={"error": type(error).__name__})
    return deleted


async def deliver(address: Address, left: list[Kept]) -> None:
    """Send what is left of one offer and wait until the desk has stored them all.

    Raises NotTakenError when the desk wants others first, which do not exist; OSError, WebSocketException or
    TimeoutError when it does not answer or does not open.
    """
    wanted = {series_of(kept): kept.seq for kept in left}
    stored: dict[str, int] = {}
    headers = {"Authorization": f"Bearer {address.token}"}
    async with (
        asyncio.timeout(DELIVERY_SECONDS),
        connect(
            address.url, additional_headers=headers, open_timeout=OPEN_TIMEOUT_SECONDS, close_timeout=1, proxy=None
        ) as socket,
    ):
        for kept in left:
            await socket.send(kept.model_dump_json())
        for _ in left:  # each is answered, in their order
            try:
                answer = DOWN.validate_json(await socket.recv())
            except ValidationError:
                continue
            if isinstance(answer, Ack | PartAck):
                stored[series_of(answer)] = answer.seq
    if any(stored.get(series, 0) < seq for series, seq in wanted.items()):
        raise NotTakenError


class Replay:
    """Looks at the outbox folder again and again; several processes may do so at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tries: dict[Path, tuple[int, float]] = {}
        self._swept_at: float | None = None

    async def run(self) -> None:
        """Deliver what is left over, until cancelled. Nothing that goes wrong with one file keeps another."""
        while True:
            try:
                await self.look_once()
            except OSError as error:
                logger.warning("outbox folder not read", extra={"error": type(error).__name__})
            await asyncio.sleep(LOOK_SECONDS)

    async def look_once(self) -> int:
        """Deliver every file that nobody alive holds; returns how many were delivered."""
        now = time.monotonic()
        if self._swept_at is None or now - self._swept_at > LEFTOVER_SECONDS / 24:
            self._swept_at = now
            if deleted := await asyncio.to_thread(delete_leftovers, self._folder, now=time.time()):
                logger.warning("segments that could not be delivered for a day deleted", extra={"files": deleted})
        paths = await asyncio.to_thread(lambda: sorted(self._folder.glob(f"*{SUFFIX}")))
        self._tries = {path: tried for path, tried in self._tries.items() if path in paths}
        due = [path for path in paths if self._tries.get(path, (0, 0.0))[1] <= now]
        some = asyncio.Semaphore(AT_ONCE)

        async def one(path: Path) -> bool:
            async with some:
                return await self._deliver(path)

        return sum(await asyncio.gather(*(one(path) for path in due)))

    async def _deliver(self, path: Path) -> bool:
        leftover: Leftover | None = None
        try:
            leftover = await asyncio.to_thread(take_over, path)
            if leftover is None:
                return False
            return await self._dispose_of(leftover)
        except (OSError, WebSocketException, TimeoutError) as error:
            self._later(path, error)
            return False
        finally:
            if leftover is not None:
                leftover.release()

    async def _dispose_of(self, leftover: Leftover) -> bool:
        about = {"offer": leftover.path.stem, "kept": len(leftover.kept)}
        try:
            if leftover.address is None:
                raise NotTakenError
            await deliver(leftover.address, leftover.kept)
        except NotTakenError:
            logger.warning("what a dead process left cannot be delivered", extra=about)
            leftover.set_aside()
            return False
        except WebSocketException as error:
            if not is_refusal(error):
                raise
            logger.warning("the desk refuses what a dead process left", extra=about)
            leftover.set_aside()
            return False
        leftover.delete()
        logger.info("what a dead process left is delivered", extra=about)
        return True

    def _later(self, path: Path, error: Exception) -> None:
        tries = self._tries.get(path, (0, 0.0))[0]
        wait = min(MAX_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2**tries)
        self._tries[path] = (min(tries + 1, 10), time.monotonic() + wait)
        extra = {"offer": path.stem, "error": type(error).__name__}
        logger.info("what a dead process left is not delivered yet", extra=extra)
