"""A caller is called back, and a caller is connected with a number outside, by real SIP in both directions."""

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
import yaml

from callcenter import setup
from callcenter.platform.embedded.phone import IncomingCall
from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE, Samples
from callcenter.platform.plumbing.db import Database
from tests.journeys.caller import Caller, Callers, until
from tests.setup.sounds.test_sounds import tone as hummed
from tests.setup.sounds.test_sounds import wav
from tests.sip.carrier import CALLEE, Carrier, carrier, tone
from tests.stack import Stack

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(300)]

CALLER, ELSEWHERE = "+493023125002", "+493023125003"
HELD = 440.0  # Hz: the music of the queue, as tests/setup/sounds makes it
QUEUE = "/api/queues/back_office"
POLICY = {"attempts": 3, "after_seconds": [1], "ring_seconds": 15, "greeting": "You asked for a call. Press 1."}


async def test_a_caller_keeps_their_place_and_is_called_back_until_they_answer_in_person(
    callers: Callers, tmp_path: Path
) -> None:
    async with carrier(callers.stack, tmp_path) as world:
        upload = {"name": "held", "kind": "music"}
        (await callers.api.post("/api/sounds", params=upload, content=wav(hummed(5.0)))).raise_for_status()
        await changed(callers, QUEUE, music="held", call_back={**POLICY, "trunk": world.trunk})
        async with callers.ring(to="+15550102", from_=CALLER) as caller:
            await caller.call.answered(timeout=10)
            await caller.until(lambda r: r["lead"] == "attendant")
            await hears_their_music(caller)
            await keys_in_another_number(callers.stack, caller)
            ended = await pressing(caller)
            assert ended["outcome"] == "call_back"
        await skills_of_agents(callers.stack, "{back-office}")
        try:
            await busy_then_a_machine(world)
            talking = await confirmed(world)
            call_back = await back(callers)
            assert (call_back["state"], call_back["attempts"]) == ("done", 3)
            assert call_back["entered_at"][:19] >= ended["arrived_at"][:19]
            record = (await callers.api.get(f"/api/calls/{call_back['call_id']}")).raise_for_status().json()
            assert (record["direction"], record["to"], record["lead"]) == ("outbound", ELSEWHERE, "agent")
            assert record["sip_call_id"] == talking.call_id
            await talking.hang_up()
            await until(lambda: call(callers, record["id"]), lambda r: r["outcome"] == "completed")
        finally:
            await skills_of_agents(callers.stack, "{}")
            await changed(callers, QUEUE, music="default")


async def hears_their_music(caller: Caller) -> None:
    """The uploaded sound, after the opening: its one tone is nearly all there is to hear."""
    async with asyncio.timeout(20):
        while share_of_tone(caller.call.heard.pcm()[-SAMPLE_RATE // 2 :]) < 0.8:
            await asyncio.sleep(0.2)


def share_of_tone(heard: Samples) -> float:
    """How much of the loudness is at the tone's pitch; none while nothing has come yet."""
    if not len(heard):
        return 0.0
    power = np.abs(np.fft.rfft(heard.astype(float) * np.hanning(len(heard)))) ** 2
    pitches = np.fft.rfftfreq(len(heard), 1 / SAMPLE_RATE)
    total = float(power.sum())
    return float(power[np.abs(pitches - HELD) < 20].sum()) / total if total > 0 else 0.0


async def keys_in_another_number(stack: Stack, caller: Caller) -> None:
    """Press 1, to be called back; 2, for another number than the one that is said; that number; the hash."""
    db = Database(stack.database_url, pool_size=1)

    call_id = (await caller.record())["id"]

    async def kept() -> dict[str, Any]:
        query = sa.text("SELECT treatment FROM waiting_entries WHERE call_id = :id")
        async with db.transaction() as tx:
            found: dict[str, Any] | None = await tx.scalar(query, {"id": call_id})
        return found or {"number": "nothing is asked"}

    for keys, number in (("1", None), ("2", ""), (f"00{ELSEWHERE[1:]}#", ELSEWHERE)):
        while (await kept())["number"] != number:  # a key that comes before its question is not counted
            for key in keys:
                await caller.call.send_digit(key)
            with contextlib.suppress(AssertionError):
                await until(kept, lambda found, number=number: found["number"] == number, timeout=4)  # type: ignore[misc]
        await caller.call.hears_sound(5, after=time.monotonic() + 1)
    await db.close()


async def pressing(caller: Caller) -> dict[str, Any]:
    """Press 1, for the call-back and for the number that is said, until the call has ended."""
    async with asyncio.timeout(25):
        while (record := await caller.record())["state"] != "ended":
            await caller.call.send_digit("1")
            await asyncio.wait([asyncio.create_task(caller.call.ended())], timeout=1.5)
    return record


async def skills_of_agents(stack: Stack, skills: str) -> None:
    """Who has the back office's skill: nobody, until one comes who has."""
    db = Database(stack.database_url, pool_size=1)
    async with db.transaction() as tx:
        await tx.connection.exec_driver_sql(f"UPDATE workers SET skills = '{skills}' WHERE kind = 'agent'")
    await db.close()


async def busy_then_a_machine(world: Carrier) -> None:
    async with asyncio.timeout(15):
        first = await anext(world.arriving)
    assert first.callee == ELSEWHERE
    await first.refuse(486)
    async with asyncio.timeout(15):
        machine = await anext(world.arriving)
    machine.ring()
    await machine.answer()
    await machine.hears_sound(10)
    end = await machine.ended(30)
    assert end.by == "remote", "nobody confirmed"


async def confirmed(world: Carrier) -> IncomingCall:
    async with asyncio.timeout(15):
        talking = await anext(world.arriving)
    talking.ring()
    at = await talking.answer()
    await talking.hears_sound(10, after=at)
    await talking.send_digit("1")
    await asyncio.sleep(2)
    return talking


async def back(callers: Callers) -> dict[str, Any]:
    async def newest() -> dict[str, Any]:
        found = (await callers.api.get("/api/call-backs", params={"limit": 1})).raise_for_status().json()["items"]
        newest: dict[str, Any] = found[0]
        return newest

    return await until(newest, lambda row: row["state"] == "done", timeout=15)


async def call(callers: Callers, call_id: str) -> dict[str, Any]:
    record: dict[str, Any] = (await callers.api.get(f"/api/calls/{call_id}")).raise_for_status().json()
    return record


async def changed(callers: Callers, path: str, **changes: Any) -> None:
    read = (await callers.api.get(path)).raise_for_status()
    body = {name: value for name, value in read.json().items() if name not in ("name", "changed_at", "etag")}
    written = await callers.api.put(path, json=body | changes, headers={"If-Match": read.headers["ETag"]})
    written.raise_for_status()


DEMO = Path(setup.__file__).parent / "demo_rules.yaml"


def outside(trunk: str) -> dict[str, Any]:
    """The demo's rules, with one line that leads outside."""
    then = {"action": "transfer", "number": CALLEE, "trunk": trunk, "failed": "Nobody is there. Goodbye."}
    rules: dict[str, Any] = yaml.safe_load(DEMO.read_text())
    others = [rule for rule in rules["rules"] if rule.get("when", {}).get("to") != ["+15550105"]]
    return {"rules": [{"name": "Outside", "when": {"to": ["+15550105"]}, "then": then}, *others]}


async def test_a_caller_is_connected_with_a_number_outside_and_both_hear_one_another(
    callers: Callers, tmp_path: Path
) -> None:
    async with carrier(callers.stack, tmp_path) as world:
        demo = (await callers.api.get("/api/rule-sets/published")).raise_for_status().json()
        rules = tmp_path / "rules.yaml"
        rules.write_text(yaml.safe_dump(outside(world.trunk)))
        done = await asyncio.to_thread(callers.stack.run, "rules", "publish", str(rules))
        try:
            assert done.returncode == 0, done.stderr
            await both_talk(callers, world)
            await nobody_takes_it(callers, world)
        finally:
            await callers.api.post(f"/api/rule-sets/{demo['version']}/roll-back")


async def both_talk(callers: Callers, world: Carrier) -> None:
    async with callers.ring(to="+15550105", from_=CALLER) as caller:
        await caller.call.answered(timeout=10)
        async with asyncio.timeout(15):
            other = await anext(world.arriving)
        assert other.callee == CALLEE
        other.ring()
        await asyncio.sleep(1)
        await other.answer()
        await caller.until(lambda r: [leg for leg in r["legs"] if leg["kind"] == "phone"] != [])
        await caller.call.hears_silence(0.5, 10)
        said = await other.say(tone(1))
        await caller.call.hears_sound(5, after=said.first_frame_at)
        said = await caller.call.say(tone(1))
        await other.hears_sound(5, after=said.first_frame_at)
        await other.hang_up()
        assert (await caller.call.ended(8)).by == "remote"
        assert (await caller.until(lambda r: r["state"] == "ended"))["outcome"] == "completed"


async def nobody_takes_it(callers: Callers, world: Carrier) -> None:
    async with callers.ring(to="+15550105", from_=CALLER) as caller:
        await caller.call.answered(timeout=10)
        async with asyncio.timeout(15):
            other = await anext(world.arriving)
        await other.refuse(486)
        assert (await caller.call.ended(20)).by == "remote"
        said = [segment["text"] for segment in await caller.transcript()]
        assert said[-1] == "Nobody is there. Goodbye."
        assert (await caller.record())["outcome"] == "failed"
