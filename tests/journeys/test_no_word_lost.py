"""I5: every word is in the transcript, whoever dies with it on the lips."""

import asyncio
import os
import signal
import time
from collections import defaultdict
from typing import Any

import httpx
import psycopg
import pytest

from callcenter.inroom.client.outbox import outbox_folder
from tests.journeys.caller import Caller, Callers, until
from tests.journeys.test_answered import ended, words

pytestmark = pytest.mark.livekit

GREETING = "hello this is the demo shop how can i help you"
SAID_BEFORE_SECONDS = 1.5


def agent_of(callers: Callers, record: dict[str, Any]) -> tuple[str, int]:
    """The offer and the process of the agent that has this call."""
    query = "SELECT id::text, pid FROM offers WHERE call_id = %s AND kind = 'agent' AND state = 'accepted'"
    with psycopg.connect(callers.stack.database_url) as connection:
        row = connection.execute(query, (record["id"],)).fetchone()
    assert row is not None
    return str(row[0]), int(row[1])


async def transcript_with(caller: Caller, count: int, speaker: str, timeout: float) -> list[dict[str, Any]]:
    """The transcript once this speaker has so many segments in it."""

    async def look() -> dict[str, Any]:
        return {"segments": await caller.transcript()}

    def enough(seen: dict[str, Any]) -> bool:
        return len([segment for segment in seen["segments"] if segment["speaker"] == speaker]) >= count

    segments: list[dict[str, Any]] = (await until(look, enough, timeout))["segments"]
    return segments


def numbered_without_gap_or_double(segments: list[dict[str, Any]]) -> None:
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for segment in segments:
        numbers[segment["offer_id"], segment["leg_id"]].append(segment["seq"])
    for found in numbers.values():
        assert sorted(found) == list(range(1, len(found) + 1)), "I5"


async def test_i5_what_was_heard_of_a_killed_agents_greeting_is_kept_and_the_next_agent_goes_on(
    callers: Callers,
) -> None:
    _ = callers.stack.database_url  # asked for once: not while the greeting is heard
    async with callers.ring() as caller:
        answered = await caller.call.answered(timeout=10)
        killed, pid = agent_of(callers, await caller.record())
        began = await caller.call.hears_sound(10, after=answered)
        await asyncio.sleep(SAID_BEFORE_SECONDS)
        os.kill(pid, signal.SIGKILL)
        killed_at = time.monotonic()  # an attendant may play before there is any silence to hear
        segments = await transcript_with(caller, 2, "agent", 20)
        await caller.call.hang_up()
        await caller.until(ended)
    cut, following = [segment for segment in segments if segment["speaker"] == "agent"][:2]
    numbered_without_gap_or_double(segments)
    assert (cut["offer_id"], cut["seq"], cut["interrupted"]) == (killed, 1, True)
    heard = words([cut], "agent").replace(",", "").replace(".", "").strip()
    assert GREETING.startswith(heard)
    assert 1 <= len(heard.split()) < len(GREETING.split())
    assert -1.0 < (killed_at - began) - (cut["end_ms"] - cut["start_ms"]) / 1000 < 1.5, "told twice a second"
    assert following["offer_id"] != killed
    assert "demo shop" not in words([following], "agent"), "it goes on and does not greet again"


async def test_i5_words_a_killed_job_could_not_deliver_are_in_the_transcript(callers: Callers) -> None:
    api = next(part for part in callers.stack.status()["parts"] if part["name"] == "api")
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.hears_a_turn()
        killed, pid = agent_of(callers, await caller.record())
        os.kill(api["pid"], signal.SIGSTOP)
        try:
            asked = await caller.says("what are your opening hours")
            await caller.hears_a_turn(after=asked)
            os.kill(pid, signal.SIGKILL)
        finally:
            os.kill(api["pid"], signal.SIGKILL)
        left = outbox_folder(callers.stack.data_dir) / f"{killed}.jsonl"
        assert "opening hours" in left.read_text()
        await until(lambda: healthy(callers), lambda seen: bool(seen["healthy"]), 30)
        segments = await transcript_with(caller, 2, "agent", 20)
        await caller.call.hang_up()
        await caller.until(ended)
    numbered_without_gap_or_double(segments)
    of_killed = [segment for segment in segments if segment["offer_id"] == killed]
    assert "opening hours" in words(of_killed, "caller")
    assert [segment["seq"] for segment in of_killed if segment["speaker"] == "agent"] == [1, 2]
    assert not left.exists()


async def healthy(callers: Callers) -> dict[str, Any]:
    try:
        return {"healthy": (await callers.api.get("/healthz")).is_success}
    except httpx.TransportError:
        return {"healthy": False}
