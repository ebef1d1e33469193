"""What happens to calls by the time they have waited: once, whoever looks, and never to one that has an agent."""

import asyncio
import json
from typing import Any

import pytest

from callcenter.journey.arrived import caller_left
from callcenter.journey.effects import commands_for
from callcenter.journey.left import lost
from callcenter.journey.offered import refused
from callcenter.journey.overflowed import overflowed
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import SeatKind
from callcenter.setup.rule_sets import flow
from callcenter.stages.waiting import loop as waiting
from tests.journey.company import Company, commands

pytestmark = pytest.mark.postgres

SORRY = {"after_seconds": 60, "then": {"action": "message", "text": "Nobody is here.", "outcome": "refused"}}
TO_BACK_OFFICE = {"after_seconds": 20, "then": {"action": "queue", "queue": "back_office", "priority": 7}}
WIDER = {"after_seconds": 10, "then": {"action": "widen_skills", "drop": ["german"]}}


async def line(company: Company, **more: Any) -> CallId:
    """A call in a line like this."""
    then = {"action": "queue", "queue": "support", **more}
    await company.sql("INSERT INTO skills (name) VALUES ('german'), ('sales'), ('vip') ON CONFLICT DO NOTHING")
    async with company.j.db.transaction() as tx:
        await flow.publish(tx, {"rules": [{"name": "All", "then": then}]}, "a test")
    return await company.call()


async def time_passes(company: Company) -> int:
    """The next fallback of every call is due, and what is insisted on has had its time."""
    await company.sql("UPDATE waiting_entries SET next_fallback_at = now() WHERE next_fallback_at IS NOT NULL")
    await company.sql("UPDATE waiting_entries SET prefer_until = now() WHERE prefer_until IS NOT NULL")
    return await waiting.overflow_once(company.j)


async def entry(company: Company, column: str) -> str:
    (found,) = await company.ids(f"SELECT {column} FROM waiting_entries")
    return found


async def test_fallbacks_happen_in_their_order_and_the_arrival_is_kept(company: Company) -> None:
    call = await line(company, required_skills=["german", "sales"], fallbacks=[WIDER, TO_BACK_OFFICE, SORRY])
    arrival = await entry(company, "entered_at")
    assert await entry(company, "next_fallback_at - counted_from") == "0:00:10"
    assert await time_passes(company) == 1
    assert await entry(company, "required_skills") == "['sales']"
    assert await time_passes(company) == 1
    assert (await company.row(call))["queue"] == await entry(company, "queue") == "back_office"
    assert await entry(company, "entered_at") == arrival
    assert [await entry(company, column) for column in ("priority", "required_skills")] == ["7", "['back-office']"]
    assert await entry(company, "next_fallback_at - counted_from") == "0:01:00", "still counted from the first queue"
    assert await time_passes(company) == 1
    assert await entry(company, "treatment ->> 'text'") == "Nobody is here."
    assert await time_passes(company) == 0
    assert (await company.events(call)).count("call_overflowed") == 3


async def test_nothing_happens_before_its_time(company: Company) -> None:
    await line(company, fallbacks=[SORRY])
    assert await waiting.overflow_once(company.j) == 0


async def test_a_fallback_happens_once_however_many_routers_see_it_due(company: Company) -> None:
    call = await line(company, fallbacks=[TO_BACK_OFFICE, {**SORRY, "after_seconds": 3600}])
    await company.sql("UPDATE waiting_entries SET next_fallback_at = now()")
    assert sum(await asyncio.gather(*(overflowed(company.j, call) for _ in range(5)))) == 1
    assert await entry(company, "jsonb_array_length(fallbacks)") == "1"


async def test_an_agent_that_is_just_asked_goes_before_the_fallback(company: Company) -> None:
    call = await line(company, fallbacks=[SORRY])
    await company.worker()
    await company.move()
    assert await time_passes(company) == 0
    await refused(company.j, await company.offer(call), "no")
    assert await time_passes(company) == 1


async def test_who_lost_their_agent_waits_their_time_anew_before_a_fallback(company: Company) -> None:
    call = await line(company, fallbacks=[SORRY])
    await company.worker()
    await company.move()
    offer, _ = await company.claim(call)
    await company.sql("UPDATE waiting_entries SET counted_from = now() - interval '1 h', next_fallback_at = now()")
    await lost(company.j, offer, "test", job_gone=True)
    assert await waiting.overflow_once(company.j) == 0
    assert await entry(company, "next_fallback_at > now() + interval '50 s'") == "True"


async def test_a_message_is_said_by_the_attendant_that_is_there(company: Company) -> None:
    call = await line(company, fallbacks=[SORRY])
    attendant = await company.worker(SeatKind.ATTENDANT)
    await company.sql("UPDATE waiting_entries SET attendant_due_at = now()")
    await company.move()
    offer, _ = await company.claim(call, SeatKind.ATTENDANT)
    assert await time_passes(company) == 1
    assert ("say_and_end", offer) in await commands(company, attendant)


async def test_another_queue_has_its_own_opening_and_keys_for_the_attendant_that_is_there(company: Company) -> None:
    more = {"opening": "This is the back office.", "keys": {"7": {"name": "A message", "then": "voicemail"}}}
    await company.sql("UPDATE queues SET body = body || CAST(:more AS jsonb) WHERE name = 'back_office'",
                      more=json.dumps(more))  # fmt: skip
    call = await line(company, fallbacks=[TO_BACK_OFFICE])
    attendant = await company.worker(SeatKind.ATTENDANT)
    await company.sql("UPDATE waiting_entries SET attendant_due_at = now()")
    await company.move()
    offer, _ = await company.claim(call, SeatKind.ATTENDANT)
    assert await time_passes(company) == 1
    async with company.j.db.transaction() as tx:
        (told,) = [row["payload"]["message"] for row in await commands_for(tx, [attendant])
                   if row["payload"].get("message", {}).get("type") == "new_plan"]  # fmt: skip
    assert (told["offer_id"], told["plan"]["opening"], told["plan"]["keys"]) == (offer, more["opening"], ["7"])


async def test_a_full_queue_takes_nobody_and_the_call_keeps_its_place(company: Company) -> None:
    await company.sql("UPDATE queues SET body = body || '{\"max_waiting\": 0}' WHERE name = 'back_office'")
    call = await line(company, fallbacks=[TO_BACK_OFFICE, SORRY])
    assert await time_passes(company) == 1
    assert await entry(company, "queue") == "support"
    assert await company.ids("SELECT 1 FROM effects WHERE kind = 'command'") == [], "nobody has to be told"
    assert await time_passes(company) == 1
    assert await entry(company, "treatment ->> 'kind'") == "message"
    assert (await company.events(call)).count("call_overflowed") == 2


async def test_preferred_skills_are_insisted_on_for_a_while_then_preferred(company: Company) -> None:
    call = await line(company, preferred_skills=["vip"], prefer_seconds=30)
    first = await company.worker()
    assert await company.move() == 0
    await time_passes(company)
    vip = await company.worker(skills=("vip",))
    assert await company.move() == 1
    assert (await company.offer_row(await company.offer(call)))["worker"] == vip != first


async def test_without_anybody_who_has_them_preferred_skills_stop_nobody(company: Company) -> None:
    await line(company, preferred_skills=["vip"], prefer_seconds=30)
    await company.worker()
    assert await company.move() == 0
    await time_passes(company)
    assert await company.move() == 1


async def test_a_hang_up_takes_the_offer_along_at_once_and_the_seat_hears_so(company: Company) -> None:
    call = await line(company)
    await company.worker()
    await company.move()
    offer = await company.offer(call)
    (room,) = await company.ids("SELECT room FROM calls")
    await caller_left(company.j, room)
    assert (await company.offer_row(offer))["state"] == "withdrawn"
    assert ("leave", offer) in await commands(company, offer)
    assert await entry(company, "state") == "left"
