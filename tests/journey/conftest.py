"""A company that can call out."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from callcenter.platform.wire.base import SeatKind
from tests.journey.company import Company
from tests.journey.phones import Phones, phones

PATIENT_SECONDS = 3600.0  # with workers that do not beat: a slow machine changes nothing


@pytest.fixture
async def world(company: Company) -> AsyncIterator[Phones]:
    company.j = replace(company.j, timing=replace(company.j.timing, worker_silent=PATIENT_SECONDS))
    await company.worker(SeatKind.ATTENDANT, seats=5)
    async with phones(company) as opened:
        yield opened
