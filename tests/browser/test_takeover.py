"""A supervisor in Debian's Chromium, whose microphone plays words and then a tone, in the call of a real SIP phone:
what the phone hears in each mode (I6, I8)."""

import asyncio
import re
import time
import wave
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import httpx
import numpy as np
import pytest

from callcenter.platform.embedded.phone.errors import CallOver
from tests.browser.playwright import playwright
from tests.journeys.caller import Caller, Callers, until
from tests.journeys.tone import TONE_HZ, tone_seconds
from tests.speech import speak
from tests.stack import Stack

pytestmark = [pytest.mark.livekit, pytest.mark.browser, pytest.mark.timeout(300)]

SAM = "sam@demo.test"
SPOKEN = "i am sending you a new parcel today"
RATE = 48_000
ON_SECONDS, OFF_SECONDS = 0.25, 0.15  # a steady tone is noise to a browser, which takes it away
WORDS_BEGIN, TONE_BEGINS, FILE_SECONDS = 4.0, 8.0, 120.0  # a slow machine takes seconds from the microphone to the room
WORDS_AGAIN = 24.0  # 7 s after e2e/reconnect.spec.ts has made the connection anew, and 5 s before it looks on
TIMES = 5
# Of a tone that is on for 1.6 s of 2.6; in barge the agent speaks as well, and few windows are the tone's alone.
HEARD_AT_LEAST = {"take_over": 0.8, "barge": 0.3, "take_over_again": 0.8}
HEARD_SECONDS = 3.0  # as long as e2e/takeover.spec.ts stays in a mode
ON_THE_WAY_SECONDS = 0.4  # what was in jitter buffers when the mode changed is still heard
BACK_SECONDS = 5.0
SILENT = ("whisper", "whisper_again", "whisper_reloaded", "muted", "monitor")


@pytest.fixture
async def callers(stack: Stack, admin_key: str, tmp_path: Path) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as api:
        yield Callers(stack, api, tmp_path)


@pytest.fixture
async def sam(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    key = stack.key("supervisor", SAM)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as api:
        yield api


def microphone(path: Path, *words_again: float) -> Path:
    """What the browser's microphone hears from each opening on: a sentence, then a tone again and again, instead of
    which the sentence comes once more at each of these seconds."""
    samples = np.zeros(int(FILE_SECONDS * RATE), dtype=np.int16)
    at = np.arange(int(TONE_BEGINS * RATE), len(samples))
    on = (at / RATE) % (ON_SECONDS + OFF_SECONDS) < ON_SECONDS
    samples[at] = (8_000 * np.sin(2 * np.pi * TONE_HZ * at / RATE) * on).astype(np.int16)
    said = speak(SPOKEN, "rms", RATE)
    for begins in (WORDS_BEGIN, *words_again):
        begin, end = int(begins * RATE), int(begins * RATE) + len(said)
        samples[begin - RATE : end + RATE] = 0
        samples[begin:end] = said
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


async def test_i8_the_phone_hears_the_supervisor_in_the_modes_that_say_so(
    callers: Callers, sam: httpx.AsyncClient, tmp_path: Path
) -> None:
    stack = callers.stack
    (await sam.put("/api/presence", json={"status": "available", "for_seconds": 60})).raise_for_status()
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        clock = time.time() - time.monotonic()
        browser = asyncio.create_task(
            playwright(
                "takeover.spec", CONSOLE_URL=stack.url, CONSOLE_EMAIL=SAM, CONSOLE_PASSWORD=stack.passwords[SAM],
                CONSOLE_SOUND=str(microphone(tmp_path / "said.wav")),
            )
        )  # fmt: skip
        talking = asyncio.create_task(talk(caller, sam))
        status, output = await browser
        talking.cancel()
        assert status == 0, output
        assert "skipped" not in output, output
        record = await caller.record()
        timeline = await caller.timeline()
        segments = await caller.transcript()
    marks = marks_in(output, clock)
    print(re.findall(r"^took: .*$", output, re.MULTILINE))
    heard = {
        name: tone_seconds(caller.call.heard, at + ON_THE_WAY_SECONDS, at + HEARD_SECONDS)
        for name, at in marks.items()
    }  # fmt: skip
    print(heard)
    assert set(heard) == {*HEARD_AT_LEAST, *SILENT}
    assert all(heard[mode] > least for mode, least in HEARD_AT_LEAST.items()), heard
    assert all(heard[mode] == 0 for mode in SILENT), heard
    modes = [event["data"].get("mode") for event in timeline if event["type"] == "mode_changed"]
    assert modes == ["whisper", "barge", "whisper", "take_over", "take_over"]
    assert [event["type"] for event in timeline].count("handed_back") == 1
    answered = next(event["data"]["text"] for event in timeline if event["type"] == "whisper_heard")
    assert "refund" in answered
    assert any(s["speaker"] == "supervisor" and SPOKEN in s["text"].lower() for s in segments), segments
    assert (record["outcome"], record["ended_by"]) == ("completed", "supervisor")
    assert all(leg["left_at"] for leg in record["legs"]), record["legs"]


async def goes_in(caller: Caller, spec: str, stack: Stack, sound: Path) -> dict[str, float]:
    """Let the page's test, of a supervisor whose microphone hears this, go into the caller's call; what it marks."""
    await caller.call.answered(timeout=10)
    await caller.hears_a_turn()
    clock = time.time() - time.monotonic()
    status, output = await playwright(
        spec, CONSOLE_URL=stack.url, CONSOLE_EMAIL=SAM, CONSOLE_PASSWORD=stack.passwords[SAM],
        CONSOLE_SOUND=str(sound), CONSOLE_CALL=(await caller.record())["id"],
    )  # fmt: skip
    assert status == 0, output
    return marks_in(output, clock)


def marks_in(output: str, clock: float) -> dict[str, float]:
    """What the page's test has marked, on the clock of `time.monotonic`, which is so far behind the other."""
    return {name: int(ms) / 1000 - clock for name, ms in re.findall(r"^mark: (\w+) (\d+)", output, re.MULTILINE)}


async def test_i7_the_agent_speaks_when_the_browser_of_whoever_leads_is_killed_and_they_can_go_back(
    callers: Callers, tmp_path: Path
) -> None:
    async with callers.ring() as caller:
        killed = (await goes_in(caller, "killed.spec", callers.stack, microphone(tmp_path / "said.wav")))["killed"]
        leads = [e["data"]["lead"] for e in await caller.timeline() if e["type"] == "lead_changed"]
    spoke = caller.call.heard.first_sound_at(killed + ON_THE_WAY_SECONDS)
    assert spoke is not None
    print(f"killed: the agent spoke after {spoke - killed:.2f} s")
    assert spoke - killed < BACK_SECONDS, "I7"
    assert tone_seconds(caller.call.heard, killed + ON_THE_WAY_SECONDS, spoke + 1) == 0, "and it is the agent"
    assert leads[:4] == ["agent", "supervisor", "agent", "supervisor"]


async def test_i8_a_whisper_stays_one_while_the_connection_is_made_anew_and_after_it(
    callers: Callers, tmp_path: Path
) -> None:
    """Cut, and resumed; and started from the beginning, when the browser publishes its microphone again."""
    async with callers.ring() as caller:
        sound = microphone(tmp_path / "said.wav", WORDS_AGAIN)
        marks = await goes_in(caller, "reconnect.spec", callers.stack, sound)
        said = [one for one in await caller.transcript() if SPOKEN in one["text"].lower()]
        arrived = datetime.fromisoformat((await caller.record())["arrived_at"]).timestamp()
    arrived -= time.time() - time.monotonic()
    begun = [arrived + one["start_ms"] / 1000 for one in said]
    assert any(marks["anew"] < at < marks["whispered"] for at in begun), "the agent hears it through the new connection"
    heard = caller.call.heard
    assert marks["cut"] < marks["resumed"] < marks["anew"] < marks["started_anew"] < marks["whispered"]
    assert tone_seconds(heard, marks["whisper"], marks["whispered"]) == 0, "I8: from the first whisper to the last"
    for led in ("take_over", "take_over_anew"):
        seconds = tone_seconds(heard, marks[led] + ON_THE_WAY_SECONDS, marks[led] + HEARD_SECONDS)
        assert seconds > HEARD_AT_LEAST["take_over"], f"{led}: the phone does hear this microphone: {seconds}"


async def talk(caller: Caller, sam: httpx.AsyncClient) -> None:
    """Ask for a person once one is there to ask, and say something to them."""

    async def presence() -> dict[str, object]:
        return dict((await sam.get("/api/presence")).json())

    try:
        await caller.hears_a_turn()
        await until(presence, lambda p: p["status"] == "available", 60)
        await caller.says("i want to talk to a person")
        await caller.until(lambda r: r["lead"] == "supervisor", 60)
        for _ in range(TIMES):  # long enough for the page to show how loud the caller is
            await caller.says("where is my order four seven one one")
    except CallOver:
        pytest.fail("the call ended before anybody had stepped in")
