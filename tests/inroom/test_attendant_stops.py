"""An attendant's program ends when it is told to, at whatever instant that is."""

import asyncio

import pytest

from callcenter.inroom.attendant.company import Company
from callcenter.platform.wire.messages import Take

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("ticks", range(6))
async def test_i7_a_stop_at_the_instant_of_the_answer_is_not_swallowed(ticks: int) -> None:
    take = Take(offer_id="o", call_id="c", room="r", token="t", livekit_url="ws://127.0.0.1:1", caller_identity="s")
    company = Company(take, None, None, None, None, None, None)  # type: ignore[arg-type]
    company._answered.set()

    async def program() -> None:
        await company._wait_for_answer()
        await asyncio.sleep(60)

    running = asyncio.create_task(program())
    for _ in range(ticks):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=1)
    assert done
    assert running.cancelled()
