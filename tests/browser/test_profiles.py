"""Profiles in the console: made, changed, compared, rolled back, and two admins at once."""

import pytest

from tests.browser.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_profiles_are_kept_without_losing_anything(office: Office) -> None:
    await office.see("profiles")
