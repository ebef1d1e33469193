"""The line to the desk: one WebSocket that reconnects, beats, asks and answers, and loses no segment."""

import asyncio
import logging
import random
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from callcenter.inroom.client.kept import Kept
from callcenter.inroom.client.line import Command, Line, LinkRefusedError, frame_of, is_refusal
from callcenter.inroom.client.outbox import Outbox
from callcenter.inroom.client.text import storable_values
from callcenter.platform.wire.base import Message, Speaker
from callcenter.platform.wire.messages import DOWN, Ack, Claim, Claimed, Denied, EndCall, EndReason, Interim, Segment
from callcenter.platform.wire.tools import ToolCall, ToolResult
from callcenter.platform.wire.voicemail import PartAck, VoicemailPart

logger = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 0.05
MAX_RETRY_SECONDS = 1.0
OPEN_TIMEOUT_SECONDS = 3.0
# A desk whose database was away for a moment keeps the connection and never acknowledges what it could not store.
RESEND_SECONDS = 2.0
FLUSH_SECONDS = 2.0
# As long as a desk may be away: its answer may be lost with it after the call became ours. If it is somebody else's by
# then, the desk says so.
CLAIM_SECONDS = 30.0
AWAY_SECONDS = 0.3  # a desk that restarts beside another one is back by then
END_CALL_RETRY_SECONDS = 2.0
END_CALL_TRIES = 3


class DeskLink:
    """A connection to the desk that outlives the desk's restarts.

    `run()` keeps it up until cancelled. Everything else may be called at any time, connected or not: segments are
    resent in order until acknowledged, questions until answered, and events wait for the next connection.
    """

    def __init__(self, line: Line, outbox: Outbox) -> None:
        self._line = line
        self._outbox = outbox
        self._unsent: deque[Message] = deque()
        self._wake = asyncio.Event()
        self._questions: dict[tuple[str, str], tuple[Message, asyncio.Future[Message]]] = {}
        self._connected = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._refused = False

    @property
    def connected(self) -> bool:
        """Whether the first message of the present connection has been sent and the connection still stands."""
        return self._connected.is_set()

    async def run(self) -> None:
        """Stay connected until cancelled. Raises LinkRefusedError when the line gives up on refused credentials."""
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            began = loop.time()
            try:
                async with connect(
                    self._line.url,
                    additional_headers={"Authorization": f"Bearer {self._line.secret}"},
                    open_timeout=OPEN_TIMEOUT_SECONDS,
                    close_timeout=1,
                    ping_interval=5,
                    ping_timeout=5,
                    proxy=None,
                ) as socket:
                    await self._speak(socket)
            except (OSError, WebSocketException, TimeoutError) as error:
                logger.info("desk connection lost", extra={"reason": type(error).__name__})
                if is_refusal(error) and self._line.give_up_when_refused:
                    self._refused = True
                    self._fail_questions(LinkRefusedError())
                    raise LinkRefusedError from error
            if loop.time() - began > MAX_RETRY_SECONDS + OPEN_TIMEOUT_SECONDS:
                attempt = 0
            delay = min(MAX_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2**attempt)
            attempt = min(attempt + 1, 10)
            await asyncio.sleep(delay * random.uniform(0.8, 1.2))  # noqa: S311

    def send(self, message: Message) -> None:
        """Tell the desk something that needs no answer; sent in order, after the next connect if there is none now."""
        self._unsent.append(message)
        self._idle.clear()
        self._wake.set()

    def mention(self, message: Message) -> None:
        """As `send`, of what is worth nothing later: dropped when there is no connection now."""
        if self.connected:
            self.send(message)

    def say(
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
        """Store a finished utterance: numbered at once, resent until the desk acknowledges it."""
        segment = self._outbox.add(
            offer_id,
            speaker,
            text,
            started_at=started_at,
            ended_at=ended_at,
            interrupted=interrupted,
            language=language,
            identity=identity,
        )
        self.send(segment)
        return segment

    def keep(
        self, offer_id: str, audio: bytes, *, box: str, started_at: datetime, language: str | None = None
    ) -> VoicemailPart:
        """Store the next part of the caller's message, as `say` stores an utterance."""
        part = self._outbox.add_part(offer_id, audio, box=box, started_at=started_at, language=language)
        self.send(part)
        return part

    async def flush(self, offer_id: str, timeout_seconds: float) -> bool:
        """Wait until all that was said and recorded under this offer is stored; False when the timeout came first."""
        return await self._outbox.flushed(offer_id, timeout_seconds)

    async def end_call(self, offer_id: str, reason: EndReason, hang_up: Callable[[], Awaitable[None]]) -> None:
        """Everything is said: ask for the call's end until cancelled. A desk that is away or does not act ends nothing:
        then `hang_up` ends the caller's leg without it, and the desk hears why when it is back. Raises TimeoutError
        when a desk that is there does not end the call."""
        await self.flush(offer_id, FLUSH_SECONDS if self.connected else AWAY_SECONDS)
        for attempt in range(END_CALL_TRIES):
            self.send(EndCall(offer_id=offer_id, reason=reason))
            await asyncio.sleep(END_CALL_RETRY_SECONDS if self.connected else AWAY_SECONDS)
            if attempt == 0:
                await hang_up()
            await self._connected.wait()
        raise TimeoutError("the desk did not end the call")

    async def sent(self, timeout_seconds: float) -> bool:
        """Wait until everything told so far has been written to a connection; False when the timeout came first."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def claim(self, offer_id: str, pid: int, timeout_seconds: float) -> Claimed | Denied:
        """Ask for the call. Raises TimeoutError without an answer, LinkRefusedError when the token is not accepted."""
        question = Claim(offer_id=offer_id, pid=pid)
        answer = await self._ask(("claim", offer_id), question, timeout_seconds)
        assert isinstance(answer, Claimed | Denied)
        return answer

    async def tool_call(
        self, offer_id: str, name: str, arguments: dict[str, Any], timeout_seconds: float
    ) -> ToolResult:
        """Have the control plane run a tool. Raises TimeoutError when no result comes in time.

        `arguments` come from a model: NUL and lone surrogates in them are dropped.
        """
        question = ToolCall(
            offer_id=offer_id, tool_call_id=uuid.uuid4().hex, name=name, arguments=storable_values(arguments)
        )
        answer = await self._ask(("tool", question.tool_call_id), question, timeout_seconds)
        assert isinstance(answer, ToolResult)
        return answer

    async def _ask(self, key: tuple[str, str], question: Message, timeout_seconds: float) -> Message:
        if self._refused:
            raise LinkRefusedError
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._questions[key] = (question, future)
        if self.connected:
            self.send(question)
        try:
            async with asyncio.timeout(timeout_seconds):
                return await future
        finally:
            self._questions.pop(key, None)

    def _fail_questions(self, error: Exception) -> None:
        for _, future in self._questions.values():
            if not future.done():
                future.set_exception(error)

    async def _speak(self, socket: ClientConnection) -> None:
        await socket.send(self._line.first().model_dump_json())
        self._catch_up()
        self._connected.set()
        tasks = [asyncio.create_task(part(socket)) for part in (self._read, self._write, self._beat, self._resend)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._connected.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _catch_up(self) -> None:
        """After a (re)connect: first what is not acknowledged, then open questions, then what was never sent."""
        waiting = [m for m in self._unsent if not isinstance(m, Segment | VoicemailPart | Claim | ToolCall | Interim)]
        self._unsent = deque(
            [*self._outbox.unacknowledged(), *(question for question, _ in self._questions.values()), *waiting]
        )
        self._wake.set()

    async def _write(self, socket: ClientConnection) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._unsent:
                frame = frame_of(self._unsent[0])
                if frame is not None:
                    await socket.send(frame)
                self._unsent.popleft()
            self._idle.set()

    async def _beat(self, socket: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await socket.send(self._line.beat().model_dump_json())
            due = max(due + self._line.beat_seconds, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _resend(self, socket: ClientConnection) -> None:
        """Send again what has been waiting for its acknowledgement for a whole interval."""
        before: list[Kept] = []
        while True:
            await asyncio.sleep(RESEND_SECONDS)
            now = self._outbox.unacknowledged()
            if before and now[: len(before)] == before and not self._unsent:
                for kept in now:
                    self.send(kept)
            before = now

    async def _read(self, socket: ClientConnection) -> None:
        async for frame in socket:
            try:
                message = DOWN.validate_json(frame)
            except ValidationError as error:
                logger.warning("message from the desk not understood", extra={"errors": error.error_count()})
                continue
            self._received(message)

    def _received(self, message: Command | Ack | PartAck | Claimed | ToolResult) -> None:
        match message:
            case Ack() | PartAck():
                self._outbox.acknowledge(message)
            case Claimed():
                self._answered(("claim", message.offer_id), message)
            case ToolResult():
                self._answered(("tool", message.tool_call_id), message)
            case Denied() if self._answered(("claim", message.offer_id), message):
                pass
            case _:
                self._line.on_command(message)

    def _answered(self, key: tuple[str, str], answer: Message) -> bool:
        question = self._questions.get(key)
        if question is None or question[1].done():
            return False
        question[1].set_result(answer)
        return True
