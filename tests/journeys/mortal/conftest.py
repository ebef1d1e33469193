"""A stack that may be broken; it goes when the tests of this folder are over."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from callcenter.platform.plumbing import failpoints
from tests.journeys.caller import Callers
from tests.journeys.mortal.stack import Mortal
from tests.stack import Stack

HEALTHY_SECONDS = 40.0  # what the test before this one has killed, with the longest pause before it starts again


@pytest.fixture(scope="package")
def mortal_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, str]]:
    """A stack of its own, for tests after which nothing would be left of the shared one; with a key to its API.

    Three routers, because the supervisor starts a part that dies again and again after growing pauses."""
    folder = tmp_path_factory.mktemp("mortal")
    (folder / "points").mkdir()
    planned = Stack.planned(
        folder / "data",
        CALLCENTER_ROUTERS="3",
        CALLCENTER_AGENT_SEATS="6",
        **{failpoints.VARIABLE: str(folder / "points")},
    )
    try:
        planned.up()
        yield planned, planned.key("admin")
    finally:
        planned.down()


@pytest.fixture
async def mortal(mortal_stack: tuple[Stack, str], tmp_path: Path) -> AsyncIterator[Mortal]:
    planned, key = mortal_stack
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=planned.url, headers=headers, timeout=10) as api:
        points = Path(planned.environment[failpoints.VARIABLE])
        for left in points.iterdir():
            left.unlink()
        there = Mortal(planned, Callers(planned, api, tmp_path), points)
        await there.all_parts_are_healthy(HEALTHY_SECONDS)
        yield there
