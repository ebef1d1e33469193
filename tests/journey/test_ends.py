"""Every way a call can end: one outcome, nothing live, everybody told to leave, the room deleted, the seats free."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from callcenter.journey.answered import answered
from callcenter.journey.arrived import arrived, caller_left
from callcenter.journey.left import left, lost, said_goodbye
from callcenter.journey.relieved import relieved
from callcenter.journey.suspected import suspected
from callcenter.platform.api.invariants import INVARIANTS, check
from callcenter.platform.desk.workers import Workers
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import EndReason, WorkerBeat
from callcenter.records.calls.store import Arrival
from callcenter.stages.arrival.loop import Reconciler
from callcenter.stages.waiting import loop as waiting
from tests.journey.company import Company
from tests.stages.arrival.test_reconcile import LiveRooms

pytestmark = pytest.mark.postgres

Story = Callable[[Company], Awaitable[CallId]]


async def hang_up(company: Company, call_id: CallId) -> None:
    assert await caller_left(company.j, (await company.row(call_id))["room"])


async def talks(company: Company) -> CallId:
    call_id, offer_id = await company.talking()
    await answered(company.j, offer_id, datetime.now(UTC))
    return call_id


async def waits(company: Company, to: str = "+15550102") -> CallId:
    """With an attendant, answered."""
    call_id = await company.call(to)
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    held, _ = await company.claim(call_id, SeatKind.ATTENDANT)
    await answered(company.j, held, datetime.now(UTC))
    return call_id


async def time_is_up(company: Company) -> None:
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp() WHERE gives_up_at IS NOT NULL")
    await waiting.give_up_once(company.j)


async def goodbye(company: Company) -> CallId:
    call_id = await talks(company)
    assert await said_goodbye(company.j, await company.offer(call_id), EndReason.GOODBYE)
    return call_id


async def cancelled_while_it_rings(company: Company) -> CallId:
    call_id = await company.call("+15550102")
    await hang_up(company, call_id)
    return call_id


async def cancelled_while_an_agent_is_asked(company: Company) -> CallId:
    call_id = await company.call()
    await company.move()
    await hang_up(company, call_id)
    return call_id


async def cancelled_after_the_claim_and_before_the_answer(company: Company) -> CallId:
    call_id, _ = await company.talking()
    await hang_up(company, call_id)
    return call_id


async def hung_up_while_waiting(company: Company) -> CallId:
    call_id = await waits(company)
    await hang_up(company, call_id)
    return call_id


async def hung_up_while_talking(company: Company) -> CallId:
    call_id = await talks(company)
    await hang_up(company, call_id)
    return call_id


async def hung_up_while_the_agent_is_suspect(company: Company) -> CallId:
    call_id = await talks(company)
    await suspected(company.j, await company.offer(call_id), "test")
    await company.move()
    await company.claim(call_id, SeatKind.ATTENDANT)
    await hang_up(company, call_id)
    return call_id


async def hung_up_between_two_agents(company: Company) -> CallId:
    call_id = await talks(company)
    await lost(company.j, await company.offer(call_id), "test")
    await company.move()
    await hang_up(company, call_id)
    return call_id


async def hung_up_while_a_drained_worker_hands_over(company: Company) -> CallId:
    call_id = await talks(company)
    await relieved(company.j, await company.offer(call_id))
    await hang_up(company, call_id)
    return call_id


async def message_said(company: Company) -> CallId:
    call_id = await waits(company, "+15550199")
    assert await said_goodbye(company.j, await company.offer(call_id, SeatKind.ATTENDANT), EndReason.MESSAGE_SAID)
    return call_id


async def gave_up_and_said_so(company: Company) -> CallId:
    call_id = await waits(company)
    await time_is_up(company)
    assert await said_goodbye(company.j, await company.offer(call_id, SeatKind.ATTENDANT), EndReason.MESSAGE_SAID)
    return call_id


async def gave_up_with_nobody_there_to_say_so(company: Company) -> CallId:
    call_id = await company.call("+15550102")
    await time_is_up(company)
    await time_is_up(company)
    return call_id


async def grown_too_long(company: Company) -> CallId:
    call_id = await talks(company)
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '3601 s'")
    await waiting.give_up_once(company.j)
    assert await said_goodbye(company.j, await company.offer(call_id), EndReason.MESSAGE_SAID)
    return call_id


async def grown_too_long_with_an_agent_that_does_not_say_so(company: Company) -> CallId:
    call_id = await talks(company)
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '3621 s'")
    await waiting.give_up_once(company.j)
    return call_id


async def rung_for_ever(company: Company) -> CallId:
    call_id = await company.call("+15550102")
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '181 s'")
    await waiting.give_up_once(company.j)
    return call_id


async def apologised_after_two_failures(company: Company) -> CallId:
    call_id = await talks(company)
    await left(company.j, await company.offer(call_id), "model failed")
    await company.j.performer.settle()
    await company.move()
    await company.claim(call_id, SeatKind.ATTENDANT)
    second, _ = await company.claim(call_id)
    await left(company.j, second, "model failed")
    assert await said_goodbye(company.j, await company.offer(call_id, SeatKind.ATTENDANT), EndReason.MESSAGE_SAID)
    return call_id


async def room_deleted_from_outside(company: Company) -> CallId:
    call_id = await talks(company)
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '10 s'")
    assert await Reconciler(company.j, LiveRooms(), patience_seconds=0.0).reconcile_once() == 1
    return call_id


async def refused_for_a_forged_address(company: Company) -> CallId:
    call_id = await arrived(company.j, Arrival("call-f", "sip_1", "f@host", "+1", "+15550100", "demo", forged=True))
    assert call_id is not None
    return call_id


@dataclass(frozen=True)
class End:
    story: Story
    outcome: str
    by: str


ENDS = (
    End(goodbye, "completed", "agent"),
    End(cancelled_while_it_rings, "abandoned", "caller"),
    End(cancelled_while_an_agent_is_asked, "abandoned", "caller"),
    End(cancelled_after_the_claim_and_before_the_answer, "abandoned", "caller"),
    End(hung_up_while_waiting, "abandoned", "caller"),
    End(hung_up_while_talking, "completed", "caller"),
    End(hung_up_while_the_agent_is_suspect, "completed", "caller"),
    End(hung_up_between_two_agents, "completed", "caller"),
    End(hung_up_while_a_drained_worker_hands_over, "completed", "caller"),
    End(message_said, "refused", "system"),
    End(gave_up_and_said_so, "failed", "system"),
    End(gave_up_with_nobody_there_to_say_so, "failed", "system"),
    End(grown_too_long, "completed", "system"),
    End(grown_too_long_with_an_agent_that_does_not_say_so, "completed", "system"),
    End(rung_for_ever, "failed", "system"),
    End(apologised_after_two_failures, "failed", "system"),
    End(room_deleted_from_outside, "completed", "caller"),
    End(refused_for_a_forged_address, "refused", "system"),
)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.story.__name__)
async def test_every_end_frees_seat_offers_and_room(company: Company, end: End) -> None:
    agents, attendants = await company.worker(seats=2), await company.worker(SeatKind.ATTENDANT, seats=2)
    call_id = await end.story(company)
    row = await company.row(call_id)
    assert (row["state"], row["outcome"], row["ended_by"]) == ("ended", end.outcome, end.by)
    assert (await company.events(call_id)).count("call_ended") == 1
    assert await company.ids("SELECT id FROM offers WHERE state IN ('offered', 'accepted')") == []
    assert await company.ids("SELECT state FROM waiting_entries WHERE state <> 'left'") == []
    assert await company.ids("SELECT id FROM legs WHERE left_at IS NULL") == []
    await company.j.performer.settle()
    assert ("delete", row["room"]) in company.rooms.done
    await everybody_was_told_to_leave(company)
    # Jobs that never started say nothing; what their worker's next beat does not list is free.
    await company.sql("UPDATE offers SET ended_at = ended_at - interval '1.1 s'")
    for name in (agents, attendants):
        await Workers(company.j).beat(name, WorkerBeat())
    assert await company.busy_seats() == 0
    assert await company.move() == 0
    async with company.j.db.transaction() as tx:
        assert [f.examples for f in [await check(tx, promise) for promise in INVARIANTS] if f.violations] == []


async def everybody_was_told_to_leave(company: Company) -> None:
    """Every job that did not leave by itself was: by the desk, and where it was lost or relieved, by LiveKit."""
    told = set(await company.ids("SELECT payload->'message'->>'offer_id' FROM effects WHERE kind = 'command'"))
    removed = {what[2].split("-", 1)[1] for what in company.rooms.done if what[0] == "remove"}
    there = await company.ids("SELECT id FROM offers WHERE released_at IS NULL")
    assert set(there) <= told | removed
