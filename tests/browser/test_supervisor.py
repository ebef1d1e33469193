"""Supervisors at their desk in Debian's Chromium: the real API and the journey's own verbs, without an engine."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from callcenter.platform.embedded.ports import free_port
from callcenter.platform.wire.settings import Settings
from tests.browser.floor import Floor
from tests.browser.test_board import seen
from tests.journey.company import PASSWORDS, Company

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SAM, KIM = "sam@demo.test", "kim@demo.test"


@pytest.fixture
async def floor(company: Company, company_database_url: str) -> AsyncIterator[Floor]:
    settings = Settings(
        database_url=company_database_url, http_port=free_port(), livekit_url=f"ws://127.0.0.1:{free_port()}",
        livekit_api_key="desk", livekit_api_secret=SecretStr("s" * 32),
    )  # fmt: skip
    # A page is looked at from all sides while it rings.
    await company.sql("UPDATE queues SET body = '{\"supervisors\": {}}'::jsonb || body")
    await company.sql("UPDATE queues SET body = jsonb_set(body, '{supervisors,ring_seconds}', '300')")
    floor = Floor(company, settings)
    await floor.open()
    yield floor
    await floor.close()


async def test_it_rings_and_a_button_that_cannot_be_pressed_says_why(floor: Floor) -> None:
    await seen(
        "supervisor.spec", CONSOLE_URL=floor.url, CONSOLE_EMAIL=SAM, CONSOLE_PASSWORD=PASSWORDS[SAM],
        COLLEAGUE_EMAIL=KIM, COLLEAGUE_PASSWORD=PASSWORDS[KIM],
    )  # fmt: skip
