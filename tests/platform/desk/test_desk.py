"""Workers and jobs at the desk, over real WebSockets."""

import asyncio

import pytest
import websockets

from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import (
    Ack,
    Claim,
    Claimed,
    Drain,
    EndCall,
    EndReason,
    Leave,
    Left,
    Register,
    Take,
    WorkerBeat,
)
from callcenter.platform.wire.tools import ToolCall, ToolResult
from tests.platform.desk.conftest import SECRET, OpenDesk
from tests.platform.desk.conversation import claimed, is_free, segment, until

pytestmark = pytest.mark.postgres


async def test_a_job_claims_speaks_uses_a_tool_and_says_goodbye(desk: OpenDesk) -> None:
    await desk.worker()
    call_id, offer_id, job = await claimed(desk)
    assert ("grant", (await desk.company.row(call_id))["room"], f"agent-{offer_id}") in desk.company.rooms.done
    for seq in (1, 2):
        await job.send(segment(offer_id, seq))
        answer = await job.hear()
        assert isinstance(answer, Ack)
        assert answer.seq == seq
    await job.send(
        ToolCall(offer_id=offer_id, tool_call_id="t1", name="order_status", arguments={"order_number": "4711"})
    )
    result = await job.hear()
    assert isinstance(result, ToolResult)
    assert result.result["status"] == "shipped"
    await job.send(EndCall(offer_id=offer_id, reason=EndReason.GOODBYE))
    assert isinstance(await job.hear(), Leave)
    await job.send(Left(offer_id=offer_id))
    await until(lambda: is_free(desk))
    assert (await desk.company.row(call_id))["outcome"] == "completed"


async def test_a_token_is_good_for_its_own_offer_only(desk: OpenDesk) -> None:
    await desk.worker(seats=2)
    call_id, offer_id, _ = await claimed(desk)
    other, other_offer, _ = await claimed(desk)
    intruder = await desk.connect("job", desk.tokens.sign(call_id, offer_id))
    await intruder.send(EndCall(offer_id=other_offer, reason=EndReason.GOODBYE))
    with pytest.raises(websockets.ConnectionClosed):
        await intruder.hear()
    inside = await desk.job(call_id, offer_id)
    await inside.send(EndCall(offer_id=other_offer, reason=EndReason.GOODBYE))
    await inside.send(segment(offer_id, 1))
    assert isinstance(await inside.hear(), Ack)
    assert (await desk.company.row(other))["state"] != "ended"


@pytest.mark.parametrize(("door", "secret"), [("worker", "wrong"), ("worker", ""), ("job", "wrong"), ("job", SECRET)])
async def test_nobody_enters_without_the_right_secret(desk: OpenDesk, door: str, secret: str) -> None:
    with pytest.raises(websockets.InvalidStatus):
        await desk.connect(door, secret)


async def test_an_attendant_takes_calls_over_its_workers_connection(desk: OpenDesk) -> None:
    attendant = await desk.worker(SeatKind.ATTENDANT, seats=5, name="attendant-1")
    call_id = await desk.company.call("+15550199")
    assert await desk.company.move() == 1
    take = await attendant.hear()
    assert isinstance(take, Take)
    assert take.call_id == call_id
    assert take.token
    await attendant.send(Claim(offer_id=take.offer_id))
    answer = await attendant.hear()
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert answer.attendant.then_end


async def test_a_worker_that_drains_gets_no_more_calls(desk: OpenDesk) -> None:
    worker = await desk.worker()
    await worker.send(WorkerBeat(draining=True))

    async def draining() -> bool:
        async with desk.company.j.db.transaction() as tx:
            from callcenter.stages.offers import workers

            return bool((await workers.overview(tx))[0]["draining"])

    await until(draining)
    await desk.company.call()
    assert await desk.company.move() == 0


async def test_the_drain_command_reaches_the_worker(desk: OpenDesk) -> None:
    from callcenter.platform.desk.workers import drain

    worker = await desk.worker()
    await drain(desk.company.j, "w-1")
    assert isinstance(await worker.hear(), Drain)


async def test_nonsense_is_passed_over_and_the_connection_lives(desk: OpenDesk) -> None:
    await desk.worker()
    _, offer_id, job = await claimed(desk)
    for nonsense in ("", "{", "[]", '{"type":"dance"}', '{"type":"segment","offer_id":"x"}'):
        await job.socket.send(nonsense)
    await job.send(segment(offer_id, 1))
    assert isinstance(await job.hear(), Ack)


async def test_a_worker_that_registers_again_keeps_its_seats_and_calls(desk: OpenDesk) -> None:
    first = await desk.worker(seats=2)
    await claimed(desk)
    await first.drop()
    again = await desk.connect("worker", SECRET)
    await again.send(Register(worker="w-1", kind=SeatKind.AGENT, seats=2, pid=7))
    await again.hear()
    assert await desk.company.busy_seats() == 1
    await desk.company.call()
    assert await desk.company.move() == 1


async def test_an_attendant_cannot_speak_of_another_attendants_call(desk: OpenDesk) -> None:
    mine = await desk.worker(SeatKind.ATTENDANT, name="attendant-1")
    call_id = await desk.company.call("+15550199")
    await desk.company.move()
    take = await mine.hear()
    assert isinstance(take, Take)
    other = await desk.worker(SeatKind.ATTENDANT, name="attendant-2")
    await other.send(Claim(offer_id=take.offer_id))
    await other.send(Claim(offer_id="no such offer"))
    await mine.send(Claim(offer_id=take.offer_id))
    assert isinstance(await mine.hear(), Claimed)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.socket.recv(), 0.3)
    await other.send(EndCall(offer_id=take.offer_id, reason=EndReason.MESSAGE_SAID))
    await other.send(WorkerBeat())
    assert (await desk.company.row(call_id))["state"] != "ended"
