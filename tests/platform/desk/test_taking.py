"""Who is sent to a call: a worker over its line to the desk (decision 22)."""

import asyncio

import pytest
from livekit import api

from callcenter.platform.desk.connections import QUIET_SECONDS
from callcenter.platform.wire.identities import agent_identity
from callcenter.platform.wire.messages import Claim, Claimed, Take, WorkerBeat
from tests.platform.desk.conftest import Line, OpenDesk
from tests.platform.desk.conversation import until

pytestmark = pytest.mark.postgres


async def hears_nothing(line: Line, seconds: float = 0.5) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(line.socket.recv(), seconds)


async def told_of(desk: OpenDesk) -> list[str]:
    return await desk.company.ids("SELECT id FROM effects WHERE kind = 'command' AND done_at IS NOT NULL")


async def test_an_agent_worker_is_sent_to_its_call_with_keys_for_that_room_and_that_offer_alone(desk: OpenDesk) -> None:
    worker = await desk.worker()
    call_id = await desk.company.call()
    assert await desk.company.move() == 1
    take = await worker.hear()
    assert isinstance(take, Take)
    offer_id = await desk.company.offer(call_id)
    room = (await desk.company.row(call_id))["room"]
    assert (take.offer_id, take.call_id, take.room) == (offer_id, call_id, room)
    assert desk.tokens.offer_of(take.desk_token) == offer_id
    claims = api.TokenVerifier("k", "s" * 32).verify(take.token)
    assert claims.identity == agent_identity(offer_id)
    assert claims.video is not None
    assert (claims.video.room, claims.video.can_publish_sources) == (room, ["camera"]), "I4: no voice before the claim"
    await until(lambda: _noted(desk))


async def _noted(desk: OpenDesk) -> bool:
    return len(await told_of(desk)) == 1


async def claim_of(desk: OpenDesk, take: Take) -> None:
    job = await desk.job(take.call_id, take.offer_id)
    await job.send(Claim(offer_id=take.offer_id, pid=8))
    assert isinstance(await job.hear(), Claimed)


async def test_nobody_is_sent_for_an_offer_that_is_over(desk: OpenDesk) -> None:
    """As after a desk was away: the caller has hung up meanwhile."""
    line = await desk.worker()
    await line.drop()
    call_id = await desk.company.call()
    assert await desk.company.move() == 1
    await desk.company.sql("UPDATE offers SET state = 'withdrawn' WHERE call_id = :id", id=call_id)
    back = await desk.worker()
    await until(lambda: _noted(desk))
    await hears_nothing(back)


async def test_what_was_told_over_a_line_that_broke_is_told_again_over_the_next(desk: OpenDesk) -> None:
    """As when the api is started anew: what it has written last is lost with its connections."""
    line = await desk.worker()
    await desk.company.call()
    assert await desk.company.move() == 1
    take = await line.hear()
    await until(lambda: _noted(desk))
    await line.drop()
    back = await desk.worker()
    again = await back.hear()
    assert isinstance(take, Take)
    assert isinstance(again, Take)
    assert again.offer_id == take.offer_id
    await claim_of(desk, take)
    await back.drop()
    await hears_nothing(await desk.worker())


async def test_a_line_on_which_nothing_is_heard_is_sent_to_nobodys_call_until_it_speaks(desk: OpenDesk) -> None:
    """It may be the dead end of a line that its worker has opened anew at another replica."""
    line = await desk.worker()
    await asyncio.sleep(QUIET_SECONDS + 0.1)
    await desk.company.call()
    assert await desk.company.move() == 1
    await hears_nothing(line)
    assert await told_of(desk) == []
    await line.send(WorkerBeat())
    assert isinstance(await line.hear(), Take)
