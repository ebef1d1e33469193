"""What docs/routing.md shows of queues and limits is entered as it is written there."""

import re
from pathlib import Path

import pytest
import yaml

from callcenter.platform.entrypoints import setup
from callcenter.setup.audit.rules import command
from callcenter.setup.limits import store as limits
from callcenter.setup.queues import store as queues
from tests.journey.company import Company

pytestmark = pytest.mark.postgres

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text()
SECTION = PAGE.split("## Queues\n", 1)[1].split("\n## ", 1)[0]


async def test_the_examples_of_queues_and_limits_are_entered(company: Company) -> None:
    examples = re.findall(r"^```yaml\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    async with company.j.db.transaction() as tx:
        for example in examples:
            await setup.apply(tx, yaml.safe_load(example), command("a test"))
        assert set(await limits.every(tx)) == {"carrier", "one_caller", "company"}
        support, orders = await queues.get(tx, "support"), await queues.get(tx, "orders")
    assert support.ageing is not None
    assert orders.max_waiting == 40
