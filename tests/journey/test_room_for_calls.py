"""Who is let in: limits and full queues are never passed, whoever comes at the same time, and those who are not let in
get what was set."""

import asyncio
from typing import Any

import pytest

from callcenter.platform.entrypoints import setup
from callcenter.platform.plumbing.errors import Invalid
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.base import SeatKind
from callcenter.setup.audit.rules import command
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.treatment import AskHuman, CallBackOffer, Message, Transfer, Treatment
from tests.journey.company import Company

pytestmark = pytest.mark.postgres

SORRY = {"action": "message", "text": "All lines are busy.", "outcome": "refused"}


async def enter(company: Company, **sections: Any) -> None:
    async with company.j.db.transaction() as tx:
        await setup.apply(tx, sections, command("a test"))


async def outcomes(company: Company, *calls: CallId) -> list[str | None]:
    return [(await company.row(call))["outcome"] for call in calls]


async def test_one_caller_more_than_the_limit_of_callers_hears_busy_and_the_trace_says_why(company: Company) -> None:
    await enter(company, limits={"callers": {"per": "caller", "max_calls": 2}})
    calls = [await company.call() for _ in range(3)]
    other, withheld = await company.call(from_="+15551239999"), [await company.call(from_="") for _ in range(3)]
    assert await outcomes(company, *calls, other, *withheld) == [None, None, "refused", None, None, None, None]
    trace = (await company.row(calls[2]))["trace"]
    assert trace[-1] == "limit 'callers': there are 2 other calls of this caller, at most 2 are let in"
    assert "Main line" in " ".join(trace), "what the rules said stays to be seen"


async def test_who_hangs_up_makes_room(company: Company) -> None:
    await enter(company, limits={"callers": {"per": "caller", "max_calls": 1}})
    first = await company.call()
    await company.sql(
        "UPDATE calls SET state = 'ended', ended_at = now(), outcome = 'completed' WHERE id = :id", id=first
    )
    assert await outcomes(company, await company.call()) == [None]


async def test_a_trunk_is_never_over_its_limit_whoever_comes_at_once(company: Company) -> None:
    await enter(company, limits={"demo": {"per": "trunk", "trunk": "demo", "max_calls": 4},
                                 "other": {"per": "trunk", "trunk": "other", "max_calls": 0}})  # fmt: skip
    calls = await asyncio.gather(*(company.call(from_=f"+1555{number:07d}") for number in range(12)))
    assert sorted(map(str, await outcomes(company, *calls))) == ["None"] * 4 + ["refused"] * 8


async def test_a_limit_can_end_in_a_sentence_or_in_a_queue(company: Company) -> None:
    await enter(company, limits={"callers": {"per": "caller", "max_calls": 0, "then": SORRY}})
    told = await company.call()
    assert await company.ids("SELECT treatment ->> 'text' FROM waiting_entries") == ["All lines are busy."]
    elsewhere = {"per": "caller", "max_calls": 0, "then": {"action": "queue", "queue": "back_office"}}
    await enter(company, limits={"callers": elsewhere})
    assert (await company.row(await company.call()))["queue"] == "back_office"
    assert await outcomes(company, told) == [None]


async def test_more_callers_than_attendants_can_keep_company_are_not_taken_on(company: Company) -> None:
    await enter(company, limits={"company": {"per": "waiting"}})
    await company.worker(SeatKind.ATTENDANT, seats=2)
    waiting = [await company.call(from_=f"+1555{number:07d}") for number in range(3)]
    assert await outcomes(company, *waiting) == [None, None, "refused"]
    await company.worker(seats=1)
    await company.move()
    await company.claim(waiting[0])
    assert await outcomes(company, await company.call(from_="+15550000009")) == [None], "one has an agent now"


async def test_without_limits_calls_ring_on_however_many_there_are(company: Company) -> None:
    calls = [await company.call() for _ in range(5)]
    assert await outcomes(company, *calls) == [None] * 5


async def test_a_queue_takes_no_more_than_it_says_whoever_comes_at_once(company: Company) -> None:
    await enter(company, queues={"support": {"profile": "shop", "max_waiting": 3}})
    calls = await asyncio.gather(*(company.call(from_=f"+1555{number:07d}") for number in range(10)))
    assert sorted(map(str, await outcomes(company, *calls))) == ["None"] * 3 + ["refused"] * 7


async def test_a_full_queue_sends_on_and_nobody_goes_in_circles(company: Company) -> None:
    full = {"profile": "shop", "max_waiting": 1}
    to = {name: {"action": "queue", "queue": name} for name in ("support", "second")}
    await enter(company, queues={"second": full})
    await enter(company, queues={"second": {**full, "when_full": to["support"]},
                                 "support": {**full, "when_full": to["second"]}})  # fmt: skip
    calls = [await company.call(from_=f"+1555{number:07d}") for number in range(3)]
    assert [(await company.row(call))["queue"] for call in calls] == ["support", "second", None]
    assert await outcomes(company, *calls) == [None, None, "refused"]
    assert "queue 'second' is full: 1 others wait in it" in (await company.row(calls[2]))["trace"]


async def test_a_full_queue_or_a_limit_may_not_name_a_queue_that_there_is_not(company: Company) -> None:
    nowhere = {"action": "queue", "queue": "nowhere"}
    for section in (
        {"queues": {"support": {"profile": "shop", "max_waiting": 1, "when_full": nowhere}}},
        {"limits": {"callers": {"per": "caller", "max_calls": 1, "then": nowhere}}},
    ):
        with pytest.raises(Invalid) as refused:
            await enter(company, **section)
        (error,) = refused.value.errors
        assert error.value == "nowhere"
        assert "support" in error.expected


@pytest.mark.parametrize("kind", ["ask_human", "call_back", "transfer"])
async def test_a_place_that_is_kept_beside_the_line_is_taken_all_the_same(company: Company, kind: str) -> None:
    """Or the queue would have more callers than it takes as soon as no human comes, or no number is confirmed."""
    await enter(company, queues={"support": {"profile": "shop", "max_waiting": 1}})
    first = await company.call(from_="+15550000001")
    treatment: dict[str, Treatment] = {
        "ask_human": AskHuman(seconds=20), "call_back": CallBackOffer(queue="support", text="We call you."),
        "transfer": Transfer(number="+493023125001", text="One moment."),
    }  # fmt: skip
    async with company.j.verb() as tx:
        await waiting.treat(tx, first, treatment[kind], told=False)
    second = await company.call(from_="+15550000002")
    assert await outcomes(company, first, second) == [None, "refused"]
    async with company.j.verb() as tx:
        await waiting.treat(tx, first, Message(text="Goodbye."), told=False)
    assert await outcomes(company, await company.call(from_="+15550000003")) == [None], "who leaves makes room"
