"""The live board and the wallboard in Debian's Chromium, against the real API and the journey's own verbs; once while
a real call is going on."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from callcenter.platform.embedded.phone.errors import CallOver
from callcenter.platform.embedded.ports import free_port
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users import flow
from callcenter.setup.users.model import Role
from tests.browser.floor import Floor
from tests.browser.playwright import playwright
from tests.journey.company import PASSWORDS, Company
from tests.journeys.caller import Caller, Callers
from tests.stack import Stack

pytestmark = [pytest.mark.livekit, pytest.mark.browser, pytest.mark.timeout(300)]

ADMIN = "admin@demo.test"
VIEWER = ("wall@demo.test", "Wall", Role.VIEWER.value, "hangs on the wall for good")


@pytest.fixture
async def floor(company: Company, company_database_url: str) -> AsyncIterator[Floor]:
    async with company.j.db.transaction() as tx:
        await flow.seed_users(tx, [VIEWER])
    floor = Floor(company, Settings(database_url=company_database_url, http_port=free_port()))
    await floor.open()
    yield floor
    await floor.close()


async def seen(spec: str, **environment: str) -> str:
    status, output = await playwright(spec, **environment)
    assert status == 0, output
    assert re.search(r"^\s+\d+ passed", output, re.MULTILINE), output
    assert "skipped" not in output, output
    return output


async def test_what_happens_is_on_the_board_within_a_second_and_on_the_wall_after_an_outage(floor: Floor) -> None:
    output = await seen(
        "board.spec", CONSOLE_URL=floor.url, CONSOLE_EMAIL=ADMIN, CONSOLE_PASSWORD=PASSWORDS[ADMIN],
        WALL_EMAIL=VIEWER[0], WALL_PASSWORD=VIEWER[3],
    )  # fmt: skip
    times = {name: float(ms) for name, ms in re.findall(r"^shown after: (\w+) (\d+) ms", output, re.MULTILINE)}
    assert times.keys() == {"rings", "talks", "says", "ends"}, output
    assert max(times.values()) < 1000, times
    print(times)


@pytest.fixture
async def callers(stack: Stack, admin_key: str, tmp_path: Path) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as api:
        yield Callers(stack, api, tmp_path)


async def test_a_call_over_a_telephone_is_on_the_board_with_its_words(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        record = await caller.record()
        looking = asyncio.create_task(
            seen(
                "board-live", CONSOLE_URL=callers.stack.url, CONSOLE_EMAIL=ADMIN,
                CONSOLE_PASSWORD=callers.stack.passwords[ADMIN], CONSOLE_CALL_ID=record["id"],
            )
        )  # fmt: skip
        talking = asyncio.create_task(say_it_once_somebody_looks(caller))
        await looking
        talking.cancel()


async def say_it_once_somebody_looks(caller: Caller) -> None:
    await caller.hears_a_turn()
    while not re.search(r"^\w*event_streams (?!0)\d+", (await caller.api.get("/metrics")).text, re.MULTILINE):
        await asyncio.sleep(0.2)
    try:
        said = await caller.says("where is my order four seven one two")
        await caller.hears_a_turn(after=said)
    except CallOver:
        pytest.fail("the call ended before the board had shown it")
