"""The routing editor as two admins and a viewer use it."""

import pytest

from callcenter.setup.users.model import Role
from tests.browser.office import Office, email_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_rules_are_written_tried_published_and_rolled_back_by_two_admins(office: Office) -> None:
    await office.see("routing", Role.ADMIN, CONSOLE_VIEWER=email_of(Role.VIEWER))
