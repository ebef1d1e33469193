"""Leaving a message by real SIP: key 2 in the back office's line."""

import asyncio
import io
import os
import signal
import wave
from typing import Any

import numpy as np
import pytest

from callcenter.records.voicemails.words import ENGLISH
from tests.ear import Ear
from tests.journeys.caller import Caller, Callers, until

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(300)]

GREETING = "Please leave a message after the tone."
WORDS = "what are your opening hours"
TONE_SECONDS = 1.5  # and the way to the phone
RATE = 8000
PART_SECONDS = 1.2  # what is said is with the desk after a second and a little


async def until_asked(caller: Caller, sentence: str) -> None:
    """The attendant has said this, and the tone is over."""

    async def said() -> dict[str, Any]:
        return {"texts": [segment["text"] for segment in await caller.transcript()]}

    await until(said, lambda seen: sentence in seen["texts"], timeout=20)
    await asyncio.sleep(TONE_SECONDS)


async def at_the_tone(caller: Caller) -> str:
    """The caller has waited, pressed 2, and heard greeting and tone; which worker takes the message."""
    await caller.call.answered(timeout=10)
    await caller.call.hears_sound(10)
    await asyncio.sleep(1)
    await caller.call.send_digit("2")
    await until_asked(caller, GREETING)
    record = await caller.record()
    return str(next(o["worker"] for o in record["offers"] if o["state"] == "accepted"))


async def messages(caller: Caller, done: str, count: int = 1, timeout: float = 25) -> list[dict[str, Any]]:
    """The call's messages, oldest first, when so many are in this state."""
    call_id = (await caller.record())["id"]

    async def look() -> dict[str, Any]:
        answer = await caller.api.get("/api/voicemails", params={"call_id": call_id, "box": "back_office"})
        return {"items": answer.raise_for_status().json()["items"][::-1]}

    seen = await until(look, lambda seen: [m["state"] for m in seen["items"]].count(done) == count, timeout)
    items: list[dict[str, Any]] = seen["items"]
    return items


async def sound_of(caller: Caller, message: dict[str, Any]) -> np.ndarray:
    answer = await caller.api.get(f"/api/voicemails/{message['id']}/audio")
    with wave.open(io.BytesIO(answer.raise_for_status().content)) as file:
        assert file.getparams()[:3] == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


async def test_a_message_is_stored_playable_and_written_down(callers: Callers) -> None:
    async with callers.ring(to="+15550102") as caller:
        await at_the_tone(caller)
        await caller.says(WORDS)
        await caller.call.send_digit("#")
        await caller.call.ended(timeout=15)
        assert caller.heard(ENGLISH.goodbye) == [ENGLISH.goodbye]
    ended = await caller.until(lambda r: r["state"] == "ended")
    assert ended["outcome"] == "voicemail"
    (message,) = await messages(caller, "transcribed")
    assert (message["box"], message["from"], message["transcript"]) == ("back_office", "+15551230001", WORDS)
    sound = await sound_of(caller, message)
    assert len(sound) / RATE == pytest.approx(message["seconds"], abs=0.01)
    assert Ear([WORDS]).listen(sound) == [WORDS]
    assert [s["text"] for s in await caller.transcript() if s["speaker"] == "caller"] == [WORDS]


async def test_the_attendant_is_killed_in_the_middle_and_what_had_come_is_kept(callers: Callers) -> None:
    async with callers.ring(to="+15550102") as caller:
        worker = await at_the_tone(caller)
        await caller.says(WORDS)
        await asyncio.sleep(PART_SECONDS)
        part = next(p for p in callers.stack.status()["parts"] if p.get("worker") == worker)
        os.kill(part["pid"], signal.SIGKILL)
        await until_asked(caller, ENGLISH.go_on)
        await caller.says(WORDS)
        await asyncio.sleep(0.5)
        await caller.call.hang_up()
    ended = await caller.until(lambda r: r["state"] == "ended")
    assert ended["outcome"] == "voicemail"
    kept = await messages(caller, "transcribed", count=2, timeout=30)
    assert [message["transcript"] for message in kept] == [WORDS, WORDS]
    assert [Ear([WORDS]).listen(await sound_of(caller, message)) for message in kept] == [[WORDS], [WORDS]]


async def test_who_says_nothing_leaves_no_message(callers: Callers) -> None:
    async with callers.ring(to="+15550102") as caller:
        await at_the_tone(caller)
        await caller.call.ended(timeout=20)
        assert caller.heard(ENGLISH.nothing) == [ENGLISH.nothing]
    ended = await caller.until(lambda r: r["state"] == "ended")
    assert ended["outcome"] == "abandoned"
    assert await messages(caller, "transcribed", count=0) == []
