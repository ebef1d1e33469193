"""Who may do what, at the desk of an admin."""

import pytest

from tests.browser.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_colleagues_keys_and_passwords_come_and_go_and_the_audit_tells_it(office: Office) -> None:
    await office.see("people")
