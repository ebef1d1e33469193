"""What somebody sees at a desk without a telephone."""

import pytest

from callcenter.setup.users.model import Role
from tests.browser.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_the_side_bar_leads_to_every_place_a_role_may_see(office: Office) -> None:
    await office.see("navigation", Role.VIEWER)
