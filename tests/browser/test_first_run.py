"""The first hour: a newcomer signs in with the printed login, changes a rule, and a call takes it."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.browser.playwright import playwright
from tests.journeys.caller import Callers
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.livekit, pytest.mark.timeout(300)]

NUMBER = "+15550104"  # "This line is not open yet": no other test of this stack calls it while rules differ
RULE = "Opens on Monday"
SENTENCE = "This line opens on Monday. Please call again then."


@pytest.fixture
async def callers(stack: Stack, admin_key: str, tmp_path: Path) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as api:
        yield Callers(stack, api, tmp_path)


async def published(api: httpx.AsyncClient) -> int:
    return int((await api.get("/api/rule-sets/published")).raise_for_status().json()["version"])


async def test_a_newcomer_changes_a_rule_and_sees_a_call_take_it(callers: Callers) -> None:
    login = callers.stack.status()["login"]
    before = await published(callers.api)
    browser = asyncio.create_task(
        playwright(
            "first-run",
            CONSOLE_URL=callers.stack.url,
            CONSOLE_EMAIL=login["email"],
            CONSOLE_PASSWORD=callers.stack.passwords[login["email"]],
            CONSOLE_NUMBER=NUMBER,
            CONSOLE_RULE=RULE,
            CONSOLE_SENTENCE=SENTENCE,
        )
    )
    try:
        while (version := await published(callers.api)) == before and not browser.done():
            await asyncio.sleep(0.2)  # what is awaited happens in another process
        if version != before:
            async with callers.ring(to=NUMBER) as caller:
                await caller.call.answered(timeout=10)
                record = await caller.record()
                assert (record["routing"]["rule"], record["routing"]["rule_set_version"]) == (RULE, version)
                await browser
        status, output = await browser
    finally:
        browser.cancel()
        if await published(callers.api) != before:
            (await callers.api.post(f"/api/rule-sets/{before}/roll-back")).raise_for_status()
    assert status == 0, output
    assert re.search(r"^\s+\d+ passed", output, re.MULTILINE), output
