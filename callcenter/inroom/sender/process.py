"""The process that holds an attendant's connections to the media server (engine/sender, docs/decisions/0024). It is
told what to send with JSON lines; `engine/sender/protocol.go` has them all."""

import asyncio
import base64
import contextlib
import itertools
import json
import logging
import os
import shutil
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from callcenter.inroom.sender.clips import Clip

logger = logging.getLogger(__name__)

NAME = "callcenter-sender"
BUILT = Path(__file__).parents[3] / ".build" / "bin"
ANSWER_SECONDS = 15.0  # joining and publishing may take ten seconds
# A sender that does not answer within a second, three times in a row, hangs (I7: within 5 s somebody else plays). One
# answer may be missed because we ourselves were stopped.
PING_EVERY_SECONDS = 0.5
PING_SECONDS = 1.0
MOST_MISSED = 3
START_SECONDS = 10.0
END_SECONDS = 3.0
MOST_CLIPS = 256
LINE_BYTES = 1 << 20
# No secret is among them, and no proxy that is meant for models: a token would pass it in the clear.
ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")

Event = dict[str, Any]


class SenderError(Exception):
    """The sender, or the media server by way of it, did not do what it was asked. The message says what happened."""


def sender_binary(built: Path = BUILT) -> str:
    """Where the program is: in the folder that `make setup` builds into, or on the PATH. Raises SenderError."""
    found = shutil.which(NAME, path=built) or shutil.which(NAME)
    if found is None:
        raise SenderError(f"{NAME} is neither in {built} nor on the PATH: run `make setup`")
    return found


class Run:
    """One run of the program, from its start to its end. `on_event` of a visit gets what is told of it, and None when
    the program has ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._visits: dict[str, Callable[[Event | None], None]] = {}
        self._asked: dict[int, asyncio.Future[Event]] = {}
        self._kept: OrderedDict[str, None] = OrderedDict()
        self._numbers = itertools.count(1)
        self.ended = False
        self._reading = asyncio.create_task(self._read())
        self._watching = asyncio.create_task(self._watch())

    @classmethod
    async def start(cls, built: Path = BUILT) -> "Run":
        """Start the program. Raises SenderError."""
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                sender_binary(built), stdin=pipe, stdout=pipe, limit=LINE_BYTES,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            )  # fmt: skip
        except OSError as error:
            raise SenderError(f"{NAME} does not start: {error.strerror}") from error
        assert process.stdout is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                if await process.stdout.readline():  # "ready"
                    return cls(process)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        raise SenderError(f"{NAME} ended, or said nothing for {START_SECONDS:.0f} s, as soon as it was started")

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    def number(self) -> int:
        """A number that was not used before in this run: for visits and for what is played."""
        return next(self._numbers)

    def attend(self, visit: str, on_event: Callable[[Event | None], None]) -> None:
        """Tell this function what happens to this visit from now on."""
        self._visits[visit] = on_event

    def forget(self, visit: str) -> None:
        """Tell nobody any more."""
        self._visits.pop(visit, None)

    def tell(self, do: str, **more: Any) -> None:
        """Send a command that has no answer. To a program that has ended nothing is sent."""
        stdin = self._process.stdin
        if not self.ended and stdin is not None and not stdin.is_closing():
            stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")

    def play(self, visit: str, item: int, what: Clip, *, again: bool) -> None:
        """Play this instead of what plays now. The packets of a clip with a name are sent to the program once."""
        if not what.name:
            self.tell("play", visit=visit, item=item, packets=text(what.packets), again=again)
            return
        if what.name not in self._kept:
            self.tell("keep", clip=what.name, packets=text(what.packets))
        self._kept[what.name] = None
        self._kept.move_to_end(what.name)
        self.tell("play", visit=visit, item=item, clip=what.name, again=again)
        while len(self._kept) > MOST_CLIPS:
            self.tell("forget", clip=self._kept.popitem(last=False)[0])

    async def ask(self, do: str, *, within: float = ANSWER_SECONDS, **more: Any) -> Event:
        """Send a command and wait so many seconds for its answer. Raises SenderError."""
        if self.ended:
            raise SenderError(f"{NAME} has ended")
        number = self.number()
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        self.tell(do, ask=number, **more)
        try:
            async with asyncio.timeout(within):
                event: Event = await answer
        except TimeoutError:
            raise SenderError(f"{do}: no answer within {within:.0f} s") from None
        finally:
            self._asked.pop(number, None)
        if event.get("error"):
            raise SenderError(f"{do}: {event['error']}")
        return event

    async def end(self) -> None:
        """Let it leave all rooms and end."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._ends_within(END_SECONDS)
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _ends_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._process.wait()
        except TimeoutError:
            self._kill()

    async def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            while line := await stdout.readline():
                event: Event = json.loads(line)
                self._hear(event)
        finally:
            self.ended = True
            self._watching.cancel()
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(SenderError(f"{NAME} has ended"))
            for on_event in list(self._visits.values()):
                _tell(on_event, None)
            await self._ends_within(END_SECONDS)

    async def _watch(self) -> None:
        missed = 0
        while missed < MOST_MISSED:
            await asyncio.sleep(PING_EVERY_SECONDS)
            try:
                await self.ask("ping", within=PING_SECONDS)
                missed = 0
            except SenderError:
                missed += 1
        logger.error("the sender hangs and is killed")
        self._kill()

    def _kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _hear(self, event: Event) -> None:
        if event["event"] == "answer":
            answer = self._asked.get(event["ask"])
            if answer is not None and not answer.done():
                answer.set_result(event)
        elif (on_event := self._visits.get(event["visit"])) is not None:
            _tell(on_event, event)


def _tell(on_event: Callable[[Event | None], None], event: Event | None) -> None:
    """A visit that cannot take its news disturbs no other."""
    try:
        on_event(event)
    except Exception:
        logger.exception("a visit could not take its news")


class Sender:
    """Keeps the program running: it is started again, for new visits, when it has ended."""

    def __init__(self, built: Path = BUILT) -> None:
        self._built = built
        self._run: Run | None = None
        self._starting = asyncio.Lock()

    async def run(self) -> Run:
        """The present run. Raises SenderError."""
        async with self._starting:
            if self._run is None or self._run.ended:
                if self._run is not None:
                    logger.error("the sender has ended and is started again")
                self._run = await Run.start(self._built)
            return self._run

    async def close(self) -> None:
        """End the program, if it runs."""
        if self._run is not None:
            await self._run.end()


def text(packets: tuple[bytes, ...]) -> list[str]:
    """Packets as JSON has them."""
    return [base64.b64encode(packet).decode() for packet in packets]
