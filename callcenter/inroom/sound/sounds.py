"""Uploaded sounds: fetched from the desk once, then kept on disk under their digest. One that cannot be had costs no
call: music made here plays in its place."""

import asyncio
import hashlib
import logging
import os
from collections import OrderedDict

import httpx
import numpy as np

from callcenter.inroom.sound.music import Samples
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

FETCH_SECONDS = 5.0
MOST_IN_MEMORY = 8  # five minutes of sound are 14 MB


class Sounds:
    """All sounds of one process. `token` is what it shows the desk in place of the secret, where it has none."""

    def __init__(self, settings: Settings, token: str = "") -> None:
        self._folder = settings.data_dir / "cache" / "sounds"
        self._url = settings.desk_url.replace("ws", "http", 1) + "/sounds"
        self._secret = token or settings.desk_secret.get_secret_value()
        self._ready: OrderedDict[str, Samples] = OrderedDict()
        self._running: dict[str, asyncio.Task[Samples | None]] = {}

    async def samples(self, digest: str) -> Samples | None:
        """The sound as 24 kHz mono, or None when it cannot be had, which is logged. Fetched once, even for many."""
        if digest in self._ready:
            return self._ready[digest]
        task = self._running.get(digest)
        if task is None:
            task = self._running[digest] = asyncio.create_task(self._load(digest))
            task.add_done_callback(lambda _: self._running.pop(digest, None))
        return await asyncio.shield(task)

    async def _load(self, digest: str) -> Samples | None:
        pcm = await asyncio.to_thread(self._read, digest)
        if pcm is None:
            pcm = await self._fetch(digest)
        if pcm is None:
            return None
        self._ready[digest] = np.frombuffer(pcm, dtype="<i2").astype(np.int16)
        while len(self._ready) > MOST_IN_MEMORY:
            self._ready.popitem(last=False)
        return self._ready[digest]

    async def _fetch(self, digest: str) -> bytes | None:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=FETCH_SECONDS) as http:
                answer = await http.get(f"{self._url}/{digest}", headers={"Authorization": f"Bearer {self._secret}"})
                pcm = answer.raise_for_status().content
        except httpx.HTTPError as error:
            logger.warning("sound not fetched", extra={"error": type(error).__name__})
            return None
        if hashlib.sha256(pcm).hexdigest() != digest:
            logger.warning("sound is not what it is called")
            return None
        await asyncio.to_thread(self._write, digest, pcm)
        return pcm

    def _read(self, digest: str) -> bytes | None:
        try:
            pcm = (self._folder / f"{digest}.pcm").read_bytes()
        except OSError:
            return None
        return pcm if hashlib.sha256(pcm).hexdigest() == digest else None

    def _write(self, digest: str, pcm: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = self._folder / f"{digest}.{os.getpid()}"
            unfinished.write_bytes(pcm)
            unfinished.replace(self._folder / f"{digest}.pcm")
        except OSError as error:
            logger.warning("sound not kept", extra={"error": str(error)})
