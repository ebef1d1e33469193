"""A caller who speaks synthesised sentences into a real SIP phone, listens, and looks into the API afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from callcenter.platform.embedded.phone import Phone
from callcenter.platform.embedded.phone.outgoing import OutgoingCall
from tests.stack import Stack

TURN_ENDS_SECONDS = 0.9  # silence after which a caller takes it that the other side has finished


@dataclass
class Caller:
    """One call in progress."""

    stack: Stack
    call: OutgoingCall
    api: httpx.AsyncClient

    async def says(self, sentence: str) -> float:
        """Say it in real time; returns the instant of its end, on the clock of `time.monotonic`."""
        from tests.speech import speak

        return (await self.call.say(speak(sentence))).last_frame_at

    async def hears_a_turn(self, timeout: float = 15, after: float | None = None) -> None:
        """Wait until the other side has said something and fallen silent."""
        await self.call.hears_sound(timeout, after)
        await self.call.hears_silence(TURN_ENDS_SECONDS, timeout)

    def heard(self, *sentences: str) -> list[str]:
        """Which of these sentences were heard so far, in their order."""
        from tests.ear import Ear

        return Ear(sentences).listen(self.call.heard.pcm())

    async def record(self) -> dict[str, Any]:
        """The call as the API knows it by our SIP Call-ID."""
        found = (await self.api.get("/api/calls", params={"sip_call_id": self.call.call_id})).raise_for_status()
        items = found.json()["items"]
        assert len(items) == 1, f"I1: {len(items)} records"
        one: dict[str, Any] = (await self.api.get(f"/api/calls/{items[0]['id']}")).raise_for_status().json()
        return one

    async def transcript(self) -> list[dict[str, Any]]:
        call_id = (await self.record())["id"]
        answer = (await self.api.get(f"/api/calls/{call_id}/transcript")).raise_for_status().json()
        segments: list[dict[str, Any]] = answer["segments"]
        return segments

    async def timeline(self) -> list[dict[str, Any]]:
        call_id = (await self.record())["id"]
        answer = (await self.api.get(f"/api/calls/{call_id}/timeline")).raise_for_status().json()
        events: list[dict[str, Any]] = answer["events"]
        return events

    async def until(self, true: Callable[[dict[str, Any]], bool], timeout: float = 10) -> dict[str, Any]:
        """Look at the record until this is true of it."""
        return await until(self.record, true, timeout)


async def until(
    look: Callable[[], Awaitable[dict[str, Any]]], true: Callable[[dict[str, Any]], bool], timeout: float = 10
) -> dict[str, Any]:  # fmt: skip
    """Look again and again until this is true of what is seen; fails with what was seen last."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            seen = await look()
        except (AssertionError, httpx.TransportError):  # no record yet; or the API is just being replaced
            if time.monotonic() > deadline:
                raise
        else:
            if true(seen):
                return seen
            assert time.monotonic() < deadline, f"still not true after {timeout} s of: {seen}"
        await asyncio.sleep(0.1)


@dataclass
class Callers:
    """Phones that ring this stack, and one key to its API."""

    stack: Stack
    api: httpx.AsyncClient
    recordings: Path

    @asynccontextmanager
    async def ring(self, to: str = "+15550100", from_: str = "+15551230001", **invite: Any) -> AsyncIterator[Caller]:
        """Dial; at the end of the block the phone hangs up and the recording is kept."""
        async with Phone(server=self.stack.sip) as phone:
            call = await phone.invite(to=to, from_=from_, **invite)
            try:
                yield Caller(self.stack, call, self.api)
            finally:
                call.heard.write_wav(self.recordings / f"{call.call_id}.wav")
                await call.hang_up()
