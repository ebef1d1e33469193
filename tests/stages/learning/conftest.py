from collections.abc import AsyncIterator

import pytest

from tests.inroom.fake_models import FakeModels, silent_model
from tests.journey.company import Company
from tests.stages.escalation.supervisors import Supervisors
from tests.stages.learning.lessons import Learning


@pytest.fixture
async def models() -> AsyncIterator[FakeModels]:
    """A model server of the test's own."""
    async with FakeModels(silent_model) as running:
        yield running


@pytest.fixture
def learning(company: Company, models: FakeModels) -> Learning:
    return Learning(company, Supervisors(company), models)
