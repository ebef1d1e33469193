"""The short benchmark against the stack that all live tests share: fails on a gross regression only."""

import asyncio
from pathlib import Path

import pytest

from bench.engine import beside
from bench.goals import gross_regressions
from bench.plan import short_plan
from bench.run import measure
from bench.samples import Run
from tests.stack import Stack

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(240)]


async def test_nothing_is_grossly_slower_than_a_minimal_agent_with_the_same_settings(
    stack: Stack, tmp_path: Path
) -> None:
    plan, run = short_plan(), Run(tmp_path / "short.json", {})
    async with beside(stack, plan.arms) as bench:
        await asyncio.wait_for(measure(plan, run, bench), 200)
    assert run.path.exists()
    assert gross_regressions(run.samples) == []
