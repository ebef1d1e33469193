"""The connections that outlive their request: counted by credential, and ended with it."""

import asyncio
import contextlib
from collections.abc import Iterator

from callcenter.platform.plumbing.errors import TooManyTries

MOST_STREAMS = 10  # of one session or key: a browser opens one for each tab


class TooManyStreams(TooManyTries):
    """Too many event streams are open with this session or key. Close one first."""

    retry_after_seconds = 5


class Streams:
    """The streams that clients of this process have open, by the hash of the token they were opened with."""

    def __init__(self) -> None:
        self._open: dict[str, set[asyncio.Event]] = {}
        self._closed = False

    @contextlib.contextmanager
    def place(self, token_hash: str) -> Iterator[asyncio.Event]:
        """One more stream; the event is set when it has to end. Raises TooManyStreams."""
        streams = self._open.setdefault(token_hash, set())
        if len(streams) >= MOST_STREAMS:
            raise TooManyStreams()
        ended = asyncio.Event()
        if self._closed:
            ended.set()
        streams.add(ended)
        try:
            yield ended
        finally:
            streams.discard(ended)
            if not streams:
                self._open.pop(token_hash, None)

    def end(self, token_hash: str) -> None:
        """End every stream that this token opened."""
        for ended in self._open.get(token_hash, ()):
            ended.set()

    def close(self) -> None:
        """End every stream, and those that are still to come."""
        self._closed = True
        for token_hash in self._open:
            self.end(token_hash)
