"""What tests say to the desk."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Claim, Claimed, Segment
from tests.platform.desk.conftest import Line, OpenDesk


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 5.0) -> None:
    """Wait for something that happens in the database."""
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.02)


async def claimed(desk: OpenDesk) -> tuple[CallId, OfferId, Line]:
    """A call whose job has claimed it at the desk."""
    call_id = await desk.company.call()
    assert await desk.company.move() == 1
    offer_id = await desk.company.offer(call_id)
    job = await desk.job(call_id, offer_id)
    await job.send(Claim(offer_id=offer_id, pid=8))
    assert isinstance(await job.hear(), Claimed)
    return call_id, offer_id, job


def segment(offer_id: str, seq: int) -> Segment:
    now = datetime.now(UTC)
    return Segment(offer_id=offer_id, speaker=Speaker.CALLER, seq=seq, text="hello", started_at=now, ended_at=now)


async def is_free(desk: OpenDesk) -> bool:
    return await desk.company.busy_seats() == 0
