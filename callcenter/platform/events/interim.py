"""Words before they are final: what the recogniser makes of the caller so far, what was heard so far of the agent's
sentence. Never stored: they pass from the desk that holds the job to whoever has the call's page open.

The page may be open at another replica. Postgres carries the words there by NOTIFY, but only the words of calls that
somebody looks at: a replica with listeners says every few seconds which ones. While nobody looks nothing is sent.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, Field, ValidationError

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.loops import forever, hear
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Interim

log = logging.getLogger(__name__)

CHANNEL = "interim"
PAUSE_SECONDS = 0.25  # of each speaker of a call at most four a second are passed on: the latest
WANT_SECONDS = 5.0
FORGET_SECONDS = 3 * WANT_SECONDS  # a replica that has not said so again looks no more
WANTS_A_MESSAGE = 150  # ids; Postgres takes less than 8000 bytes (Postgres manual, NOTIFY)
LONGEST_TEXT = 1500  # characters, of at most four bytes each; the end of what is said is what is awaited
BACKLOG = 32  # one slow listener's; what is older is no longer true anyway


class InterimWords(BaseModel):
    """The data of one `interim` event: it replaces the one before of the same speaker, and gives way to the segment of
    the same offer and speaker with this `seq`."""

    call_id: str
    offer_id: str
    speaker: Speaker
    seq: int = Field(description="The number that the finished utterance will have.")
    text: str


Listener = asyncio.Queue[InterimWords]


class LiveWords:
    """The interim words of this process. `run` is its life; `name` tells this replica from the others."""

    def __init__(self, database: Database, name: str = "") -> None:
        self._database = database
        self._name = name or f"listener-{id(self)}"
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._wanted_elsewhere: dict[str, float] = {}
        self._pending: dict[tuple[str, Speaker], InterimWords] = {}
        self._words_came, self._want_changed = asyncio.Event(), asyncio.Event()
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled: pass words on, say what is looked at here, hear what is elsewhere."""
        address = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(hear(address, CHANNEL, self._heard))
            tasks.create_task(self._pass_on_forever())
            tasks.create_task(forever("interim", self._say_what_is_wanted, WANT_SECONDS, self._want_changed))

    def tell(self, call_id: str, words: Interim) -> None:
        """The desk heard this. It costs nothing while nobody looks at the call."""
        if call_id in self._listeners or self._is_wanted_elsewhere(call_id):
            said = InterimWords(
                call_id=call_id, offer_id=words.offer_id, speaker=words.speaker, seq=words.seq,
                text=words.text[-LONGEST_TEXT:],
            )  # fmt: skip
            self._pending[(call_id, words.speaker)] = said
            self._words_came.set()

    @contextlib.contextmanager
    def subscribe(self, call_id: str) -> Iterator[Listener]:
        """The interim words of one call from now on."""
        listener: Listener = asyncio.Queue(BACKLOG)
        self._listeners[call_id].add(listener)
        self._want_changed.set()
        try:
            yield listener
        finally:
            self._listeners[call_id].discard(listener)
            if not self._listeners[call_id]:
                del self._listeners[call_id]

    def _is_wanted_elsewhere(self, call_id: str) -> bool:
        return self._wanted_elsewhere.get(call_id, 0.0) > time.monotonic()

    async def _pass_on_forever(self) -> None:
        while True:
            await self._words_came.wait()
            self._words_came.clear()
            words, self._pending = list(self._pending.values()), {}
            for one in words:
                self._deliver(one)
            await self._notify(
                [{"words": one.model_dump(mode="json")} for one in words if self._is_wanted_elsewhere(one.call_id)]
            )
            await asyncio.sleep(PAUSE_SECONDS)

    def _deliver(self, words: InterimWords) -> None:
        for listener in self._listeners.get(words.call_id, ()):
            if listener.full():
                listener.get_nowait()
            listener.put_nowait(words)

    async def _say_what_is_wanted(self) -> None:
        now = time.monotonic()
        self._wanted_elsewhere = {call: until for call, until in self._wanted_elsewhere.items() if until > now}
        wants = list(self._listeners)
        parts = range(0, len(wants), WANTS_A_MESSAGE)
        await self._notify([{"wants": wants[first : first + WANTS_A_MESSAGE]} for first in parts])

    async def _notify(self, messages: list[dict[str, Any]]) -> None:
        """Tell the other replicas, in a transaction of its own: no call waits for it, and what is lost is only late."""
        if not messages:
            return
        payloads = [json.dumps({"from": self._name, **message}, ensure_ascii=False) for message in messages]
        try:
            async with self._database.asking() as tx:
                await tx.execute(sa.select(*(sa.func.pg_notify(CHANNEL, payload) for payload in payloads)))
        except Exception as error:
            log.warning("interim words were not passed on", extra={"error": type(error).__name__})

    def _heard(self, payload: str) -> None:
        """A message of any replica; empty when the line to Postgres has just been (re)made."""
        self.ready.set()
        if not payload:
            self._want_changed.set()
            return
        try:
            message = json.loads(payload)
            if message["from"] == self._name:
                return
            until = time.monotonic() + FORGET_SECONDS
            self._wanted_elsewhere |= dict.fromkeys(message.get("wants", ()), until)
            if "words" in message:
                self._deliver(InterimWords.model_validate(message["words"]))
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
            log.warning("a message on the channel of interim words was not understood")
