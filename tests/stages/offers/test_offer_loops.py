"""Leases and liveness, watched by the router."""

import asyncio

import pytest

from callcenter.journey.offered import offer_agents_once
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Claimed
from callcenter.stages.offers import loop
from tests.journey.company import DESK, Company

pytestmark = pytest.mark.postgres


async def test_an_offer_within_its_lease_is_left_alone_and_one_past_it_expires_once(company: Company) -> None:
    await company.worker()
    call_id = await company.call()
    await company.move()
    assert await loop.expire_once(company.j) == 0
    await company.sql("UPDATE offers SET lease_until = clock_timestamp()")
    assert sorted(await asyncio.gather(loop.expire_once(company.j), loop.expire_once(company.j))) == [0, 1]
    assert (await company.events(call_id)).count("offer_expired") == 1


async def test_a_silent_worker_is_lost_and_its_offers_go_elsewhere(company: Company) -> None:
    silent = await company.worker(seats=2)
    call_id = await company.call()
    await company.move()
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '5 s'")
    await loop.lose(company.j)
    await company.worker()
    assert await loop.expire_once(company.j) == 1
    await loop.lose(company.j)
    assert await company.busy_seats() == 0, "the seats of a lost worker are free"
    assert await company.move() == 1
    assert (await company.offer_row(await company.offer(call_id)))["worker"] != silent


async def test_an_attendant_process_that_dies_loses_its_calls_and_another_takes_them(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call("+15550199")
    await company.move()
    held, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '5 s'")
    assert await loop.lose(company.j) == 1
    await company.worker(SeatKind.ATTENDANT)
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    assert await company.move() == 1
    assert await company.offer(call_id, SeatKind.ATTENDANT) != held


async def test_a_job_whose_desk_replica_died_is_lost_unless_another_replica_has_it(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    assert await loop.lose(company.j) == 0
    await company.sql("UPDATE control_processes SET last_beat_at = last_beat_at - interval '11 s'")
    await company.sql("UPDATE offers SET desk = 'api-other'")
    await company.sql("INSERT INTO control_processes (name, kind, pid) VALUES ('api-other', 'api', 1)")
    assert await loop.lose(company.j) == 0
    await company.sql("UPDATE offers SET desk = :desk", desk=DESK)
    assert await loop.lose(company.j) == 1
    assert (await company.offer_row(offer_id))["state"] == "lost"
    assert (await company.row(call_id))["lead"] == "none"


async def test_i2_many_routers_at_once_never_offer_a_seat_or_a_call_twice(company: Company) -> None:
    await company.worker(seats=5)
    await company.worker(seats=5)
    for number in range(20):
        await company.call(from_=f"+1555123{number:04}")
    made = await asyncio.gather(*(offer_agents_once(company.j) for _ in range(6)))
    made.append(await offer_agents_once(company.j))
    assert sum(made) == 10
    assert await company.busy_seats() == 10


async def test_a_worker_that_died_a_moment_ago_gets_no_offer_even_before_it_is_given_up(company: Company) -> None:
    await company.worker()
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '5 s'")
    await company.call()
    assert await company.move() == 0
    await company.worker()
    assert await company.move() == 1


async def test_after_an_outage_of_the_database_nobody_is_given_up_before_they_had_time_to_beat(
    company: Company,
) -> None:
    await company.worker()
    await company.talking()
    patient, hasty = loop.Liveness(grace_seconds=60), loop.Liveness(grace_seconds=0)
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '30 s'")
    await company.sql("UPDATE control_processes SET last_beat_at = last_beat_at - interval '30 s'")
    assert await patient.lose_once(company.j) == 0
    assert await hasty.lose_once(company.j) == 1


async def test_while_no_desk_is_there_nobody_is_given_up_and_not_before_they_had_time_to_come_back(
    company: Company,
) -> None:
    now = 0.0
    liveness = loop.Liveness(grace_seconds=10, clock=lambda: now)

    async def look_for(seconds: int) -> int:
        nonlocal now
        lost = 0
        for _ in range(seconds):
            now += 1
            lost += await liveness.lose_once(company.j)
        return lost

    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call("+15550199")
    await company.move()
    await company.claim(call_id, SeatKind.ATTENDANT)
    await look_for(20)
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '30 s'")
    await company.sql("UPDATE control_processes SET last_beat_at = last_beat_at - interval '30 s'")
    assert await look_for(30) == 0
    await company.sql("UPDATE control_processes SET last_beat_at = clock_timestamp() + interval '60 s'")
    assert await look_for(9) == 0
    assert await look_for(2) == 1


async def test_while_nobody_at_all_is_heard_it_is_the_desk_that_is_cut_off(company: Company) -> None:
    await company.worker()
    await company.worker(SeatKind.ATTENDANT)
    await company.talking()
    hasty = loop.Liveness(grace_seconds=0.1)
    await company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '30 s'")
    assert await hasty.lose_once(company.j) == 0
    assert set(await company.ids("SELECT state FROM workers")) == {"up"}


async def test_nobody_is_silent_after_the_last_desk_has_died(company: Company) -> None:
    """A worker's last beat is as old as the desk that wrote it down."""
    await company.worker()
    await company.worker(SeatKind.ATTENDANT)
    await company.sql("UPDATE workers SET last_beat_at = clock_timestamp() - interval '7 s'")
    await company.sql("UPDATE control_processes SET last_beat_at = clock_timestamp() - interval '6 s'")
    await loop.lose(company.j)
    assert set(await company.ids("SELECT state FROM workers")) == {"up"}
    await company.sql("UPDATE control_processes SET last_beat_at = clock_timestamp()")
    await loop.lose(company.j)
    assert set(await company.ids("SELECT state FROM workers")) == {"lost"}
