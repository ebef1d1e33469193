"""Somebody at the console calls a profile from Chromium, with a microphone that asks for an order."""

import re
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.browser.playwright import playwright
from tests.speech import speak
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.livekit, pytest.mark.timeout(180)]

EMAIL = "admin@demo.test"
RATE = 48_000
GREETING_SECONDS = 8.0  # the microphone is open before the call; the agent greets first
ANSWER_SECONDS = 15.0


@pytest.fixture
async def api(stack: Stack, admin_key: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as client:
        yield client


def microphone(path: Path) -> Path:
    """What the browser's microphone hears, again and again."""
    said = speak("where is my order four seven one two", rate=RATE)
    before, after = (np.zeros(int(RATE * seconds), dtype=np.int16) for seconds in (GREETING_SECONDS, ANSWER_SECONDS))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate([before, said, after]).tobytes())
    return path


async def test_a_profile_is_called_from_the_page(stack: Stack, api: httpx.AsyncClient, tmp_path: Path) -> None:
    counted = await arrived(api)
    status, output = await playwright(
        "testcall",
        CONSOLE_URL=stack.url,
        CONSOLE_EMAIL=EMAIL,
        CONSOLE_PASSWORD=stack.passwords[EMAIL],
        CONSOLE_SOUND=str(microphone(tmp_path / "said.wav")),
    )
    assert status == 0, output
    assert re.search(r"^\s+\d+ passed", output, re.MULTILINE), output
    calls = (await api.get("/api/calls", params={"limit": 20})).json()["items"]
    call = next(call for call in calls if call["channel"] == "browser")
    assert (call["outcome"], call["ended_by"], call["profile"]) == ("completed", "caller", "shop")
    assert call["profile_version"] >= 1
    assert [leg["kind"] for leg in call["legs"]] == ["caller", "agent"]
    assert await arrived(api) == counted  # reports leave it out


async def arrived(api: httpx.AsyncClient) -> dict[str, str]:
    text = (await api.get("/metrics")).text
    return dict(re.findall(r"^(callcenter_calls_arrived_total\S*) (\S+)$", text, re.MULTILINE))
