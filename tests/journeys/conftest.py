from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.caller import Callers
from tests.stack import Stack


@pytest.fixture
async def callers(stack: Stack, admin_key: str, tmp_path: Path) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10) as api:
        yield Callers(stack, api, tmp_path)
