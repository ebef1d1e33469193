"""The console in Debian's Chromium, against an API that does what the test says (admin/e2e/fakeApi.ts)."""

import pytest

from tests.browser.playwright import playwright

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


async def test_the_console_says_what_is_wrong_and_heals() -> None:
    status, output = await playwright("states")
    assert status == 0, output
