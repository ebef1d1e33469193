from collections.abc import AsyncIterator

import pytest

from tests.journey.company import Company, open_company


@pytest.fixture
async def company(database_url: str) -> AsyncIterator[Company]:
    async with open_company(database_url) as opened:
        yield opened
