from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journey.company import Company
from tests.stages.escalation.office import Office, open_office
from tests.stages.escalation.supervisors import Supervisors


@pytest.fixture
def supervisors(company: Company) -> Supervisors:
    return Supervisors(company)


@pytest.fixture
async def office(company: Company, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(company, tmp_path) as opened:
        yield opened
