"""Shares of new calls: as set, sticky, and never a reason to wait."""

from collections import Counter

import pytest

from callcenter.journey.left import lost
from callcenter.platform.plumbing.errors import Invalid
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.wire.base import SeatKind
from callcenter.setup.deployments import store
from callcenter.setup.deployments.rules import bucket, check_share
from callcenter.stages.offers import seats, workers
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.rules import Wish
from tests.journey.company import Company

pytestmark = pytest.mark.postgres


async def share(company: Company, **percent: int) -> None:
    async with company.j.db.transaction() as tx:
        for name, value in percent.items():
            await store.put(tx, name, value)


async def spread(company: Company, calls: int) -> Counter[str]:
    """How this many calls are spread over deployments when every seat is free."""
    names = {row: row for row in await company.ids("SELECT name FROM workers")}
    by_worker = dict(zip(names, await company.ids("SELECT deployment FROM workers"), strict=True))
    found: Counter[str] = Counter()
    async with company.j.db.transaction() as tx:
        for _ in range(calls):
            kept = await tx.connection.begin_nested()
            call_id, offer_id = CallId(new_id()), offers.new_offer_id()
            ((_, seat),), _ = await seats.take(tx, SeatKind.AGENT, [Wish(offer_id, call_id)], silent_seconds=600)
            found[by_worker[seat.worker]] += 1
            await kept.rollback()
    return found


async def test_a_thousand_calls_are_spread_as_the_shares_say_and_the_rest_goes_to_who_has_none(
    company: Company,
) -> None:
    for name in ("blue", "green", "canary"):
        await company.worker(deployment=name)
    await share(company, green=30, canary=10)
    found = await spread(company, 1000)
    assert abs(found["green"] - 300) < 60
    assert abs(found["canary"] - 100) < 40
    assert abs(found["blue"] - 600) < 70


async def test_share_zero_gets_calls_only_when_nobody_else_has_a_seat(company: Company) -> None:
    await company.worker(deployment="blue")
    dark = await company.worker(deployment="dark", seats=2)
    await share(company, dark=0)
    assert (await spread(company, 30)) == {"blue": 30}
    await company.call()
    await company.call()
    assert await company.move() == 2, "a seat of the last resort is better than waiting"
    assert await company.ids(f"SELECT count(*) FROM offers WHERE worker = '{dark}'") == ["1"]


async def test_a_call_goes_to_another_deployment_rather_than_wait(company: Company) -> None:
    green = await company.worker(deployment="green")
    await company.worker(deployment="blue", seats=5)
    await share(company, green=100)
    for _ in range(4):
        await company.call()
    assert await company.move() == 4
    assert await company.ids(f"SELECT count(*) FROM offers WHERE worker = '{green}'") == ["1"]


async def test_a_call_that_loses_its_agent_is_offered_to_the_same_deployment_again(company: Company) -> None:
    for name in ("blue", "green"):
        await company.worker(deployment=name, seats=5)
        await company.worker(deployment=name, seats=5)
    await share(company, blue=50, green=50)
    call_id, offer_id = await company.talking()
    await lost(company.j, offer_id, "test")
    await company.j.performer.settle()
    await company.move()
    again = await company.offer(call_id)
    used = await company.ids(
        "SELECT DISTINCT w.deployment FROM offers o JOIN workers w ON w.name = o.worker WHERE o.kind = 'agent'"
    )
    assert again != offer_id
    assert len(used) == 1
    assert used == ["blue" if bucket(call_id) < 50 else "green"]


async def test_a_failing_new_release_does_not_get_the_same_call_back_while_others_have_seats(company: Company) -> None:
    bad = await company.worker(deployment="green", seats=5)
    await company.worker(deployment="blue", seats=5)
    await share(company, green=100)
    call_id, offer_id = await company.talking()
    assert (await company.offer_row(offer_id))["worker"] == bad
    await lost(company.j, offer_id, "test")
    await company.j.performer.settle()
    await company.move()
    assert (await company.offer_row(await company.offer(call_id)))["worker"] != bad


async def test_shares_above_a_hundred_percent_and_odd_names_are_refused_with_what_would_be_right() -> None:
    check_share("green", 40, {"green": 90, "blue": 60})
    with pytest.raises(Invalid) as too_much:
        check_share("green", 41, {"blue": 60})
    assert too_much.value.errors[0].expected.startswith("0 to 40 percent")
    for name in ("a b", "x" * 65):
        with pytest.raises(Invalid):
            check_share(name, 1, {})


async def test_the_list_counts_workers_seats_and_busy_ones(company: Company) -> None:
    await company.worker(deployment="blue", seats=3)
    await company.worker(deployment="blue", seats=2)
    await company.talking()
    async with company.j.db.transaction() as tx:
        assert await workers.by_deployment(tx) == {"blue": {"workers": 2, "draining": 0, "seats": 5, "busy": 1}}
