"""Somebody asks for a human: who is asked, and what becomes of it."""

import asyncio

import pytest

from callcenter.journey import arrived, took_part
from callcenter.journey.sought import NotAsked
from callcenter.stages.escalation.model import Mode, Status
from tests.journey.company import Company, commands
from tests.stages.escalation.in_call import sentences, talking
from tests.stages.escalation.supervisors import KIM, SAM, Supervisors

pytestmark = pytest.mark.postgres


async def test_the_agent_asks_and_it_rings_at_whoever_is_idle_longest(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, offer_id = await talking(company)
    await supervisors.stands(KIM)
    await supervisors.stands(SAM)
    escalation = await supervisors.asked(offer_id)
    assert await supervisors.stand(escalation) == "requested"
    assert await supervisors.seek() == 1
    assert await supervisors.stand(escalation) == "offering"
    assert await supervisors.rings_at() == [KIM]
    assert "escalation_requested" in await company.events(call_id)
    assert await supervisors.seek() == 0, "one after the other"


async def test_who_declines_is_not_asked_again_and_the_next_one_is(company: Company, supervisors: Supervisors) -> None:
    _, offer_id = await talking(company)
    await supervisors.stands(KIM)
    await supervisors.stands(SAM)
    escalation = await supervisors.asked(offer_id)
    await supervisors.seek()
    with pytest.raises(NotAsked):
        await supervisors.declines(escalation, SAM)
    await supervisors.declines(escalation, KIM)
    await supervisors.seek()
    assert await supervisors.rings_at() == [SAM]
    await supervisors.declines(escalation, SAM)
    await supervisors.seek()
    assert await supervisors.stand(escalation) == "closed declined"
    assert await sentences(company, offer_id) == [
        "I am sorry, my colleagues cannot take your call right now. I will help you as well as I can."
    ]


async def test_nobody_available_is_waited_for_and_then_said(company: Company, supervisors: Supervisors) -> None:
    call_id, offer_id = await talking(company)
    await supervisors.stands(SAM, Status.AWAY)
    await supervisors.stands(KIM, seconds=0)
    escalation = await supervisors.asked(offer_id)
    assert await supervisors.seek() == 0
    await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
    assert await supervisors.seek() == 1
    assert await supervisors.stand(escalation) == "closed no_supervisor"
    assert "escalation_failed" in await company.events(call_id)
    assert len(await sentences(company, offer_id)) == 1


async def test_an_offer_that_nobody_answers_runs_out(company: Company, supervisors: Supervisors) -> None:
    _, offer_id = await talking(company)
    await supervisors.stands(SAM)
    escalation = await supervisors.asked(offer_id)
    await supervisors.seek()
    await company.sql("UPDATE escalation_offers SET expires_at = clock_timestamp()")
    await supervisors.seek()
    assert await supervisors.stand(escalation) == "closed offer_timeout"


async def test_all_at_once_rings_at_all_and_of_two_who_accept_one_has_it(
    company: Company, supervisors: Supervisors
) -> None:
    """I6"""
    await company.sql('UPDATE queues SET body = body || \'{"supervisors": {"strategy": "all_at_once"}}\'')
    _, offer_id = await talking(company)
    await supervisors.stands(KIM)
    await supervisors.stands(SAM)
    escalation = await supervisors.asked(offer_id)
    await supervisors.seek()
    assert await supervisors.rings_at() == [KIM, SAM]
    both = await asyncio.gather(
        supervisors.accepts(escalation, SAM), supervisors.accepts(escalation, KIM), return_exceptions=True
    )
    refused = [one for one in both if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [took_part.SomebodyElse]
    assert str(refused[0]) == "A colleague has taken this call already."
    assert await supervisors.rings_at() == []


async def test_when_the_caller_hangs_up_it_rings_nowhere_any_more(company: Company, supervisors: Supervisors) -> None:
    call_id, offer_id = await talking(company)
    await supervisors.stands(SAM)
    escalation = await supervisors.asked(offer_id)
    await supervisors.seek()
    await arrived.caller_left(company.j, (await company.row(call_id))["room"])
    assert await supervisors.rings_at() == []
    assert await supervisors.stand(escalation) == "closed caller_left"
    assert (await company.events(call_id))[-3:].count("escalation_failed") == 1
    with pytest.raises(took_part.AskedNoMore):
        await supervisors.accepts(escalation)


async def test_one_who_accepts_and_never_comes_is_put_out_and_the_caller_is_told(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, offer_id = await talking(company)
    escalation = await supervisors.asked(offer_id)
    seat = await supervisors.accepts(escalation)
    await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
    await supervisors.seek()
    await company.j.performer.settle()
    assert await supervisors.stand(escalation) == "closed join_failed"
    assert ("remove", seat.room, seat.identity) in company.rooms.done
    assert len(await sentences(company, offer_id)) == 1
    assert not await supervisors.comes(seat), "the token is good for a minute, the seat is not"
    await company.j.performer.settle()
    assert company.rooms.done.count(("remove", seat.room, seat.identity)) == 2
    assert (await company.row(call_id))["lead"] == "agent"


async def test_who_is_in_a_call_or_after_one_is_not_asked(company: Company, supervisors: Supervisors) -> None:
    call_id, _ = await talking(company)
    await supervisors.stands(SAM)
    seat = await supervisors.steps_in(call_id, mode=Mode.TAKE_OVER)
    await supervisors.comes(seat)
    await company.worker()
    _, other = await company.talking()
    await supervisors.asked(other)
    assert await supervisors.seek() == 0, "in a call"
    await took_part.gone(company.j, seat.supervision_id, "they left")
    assert await supervisors.seek() == 0, "after a call that they led"
    await supervisors.stands(SAM)
    assert await supervisors.seek() == 1


async def test_a_human_is_asked_once_in_a_call(company: Company, supervisors: Supervisors) -> None:
    call_id, offer_id = await talking(company)
    escalation = await supervisors.asked(offer_id)
    assert await supervisors.asked(offer_id) == escalation
    assert (await company.events(call_id)).count("escalation_requested") == 1
    assert await commands(company, offer_id) == []


@pytest.mark.parametrize("failure", ["no_supervisor", "declined", "offer_timeout", "join_failed"])
async def test_after_every_failure_the_caller_hears_what_happens_and_the_agent_goes_on(
    company: Company, supervisors: Supervisors, failure: str
) -> None:
    call_id, offer_id = await talking(company)
    if failure != "no_supervisor":
        await supervisors.stands(SAM)
    escalation = await supervisors.asked(offer_id)
    await supervisors.seek()
    match failure:
        case "no_supervisor":
            await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
        case "declined":
            await supervisors.declines(escalation, SAM)
        case "offer_timeout":
            await company.sql("UPDATE escalation_offers SET expires_at = clock_timestamp()")
        case "join_failed":
            await supervisors.accepts(escalation)
            await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
    assert await supervisors.seek() == 1
    assert await supervisors.stand(escalation) == f"closed {failure}"
    assert len(await sentences(company, offer_id)) == 1
    row = await company.row(call_id)
    assert (row["lead"], row["state"]) == ("agent", "talking")
    assert (await company.offer_row(offer_id))["state"] == "accepted"
    assert await supervisors.asked(offer_id) != escalation, "the agent can ask again"
