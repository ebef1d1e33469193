"""The console in Debian's Chromium, against the real API, while a real call is going on."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from callcenter.platform.embedded.phone.errors import CallOver
from tests.browser.playwright import playwright
from tests.journeys.caller import Caller, Callers
from tests.stack import Stack

pytestmark = [pytest.mark.livekit, pytest.mark.browser, pytest.mark.timeout(300)]

EMAIL = "admin@demo.test"


@pytest.fixture
async def callers(stack: Stack, admin_key: str, tmp_path: Path) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as api:
        yield Callers(stack, api, tmp_path)


async def test_a_call_appears_and_its_words_are_read_while_they_are_said(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.hears_a_turn()
        record = await caller.record()
        browser = asyncio.create_task(
            playwright(
                "journey",
                CONSOLE_URL=callers.stack.url,
                CONSOLE_EMAIL=EMAIL,
                CONSOLE_PASSWORD=callers.stack.passwords[EMAIL],
                CONSOLE_CALL_ID=record["id"],
                CONSOLE_WORDS="How can I help you|where is my order 4712|delayed",
            )
        )
        talking = asyncio.create_task(say_it_while_somebody_looks(caller))
        status, output = await browser
        talking.cancel()
    assert status == 0, output
    assert re.search(r"^\s+\d+ passed", output, re.MULTILINE), output
    assert "skipped" not in output, output


async def say_it_while_somebody_looks(caller: Caller) -> None:
    """Speak once a browser listens to the event stream, and keep the call going while it reads."""
    while not await listeners(caller):
        await asyncio.sleep(0.2)
    try:
        said = await caller.says("where is my order four seven one two")
        await caller.hears_a_turn(after=said)
    except CallOver:
        pytest.fail("the call ended before the browser had read it")


async def listeners(caller: Caller) -> int:
    metrics = (await caller.api.get("/metrics")).text
    found = re.search(r"^\w*streams\w* (\d+)", metrics, re.MULTILINE)
    assert found, metrics
    return int(found[1])
