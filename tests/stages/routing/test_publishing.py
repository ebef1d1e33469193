"""Publishing is one transaction that calls do not notice: each is routed by exactly one whole version."""

import asyncio
from typing import Any

import pytest

from callcenter.journey.arrived import arrived
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.records.calls.store import Arrival
from callcenter.setup.rule_sets import flow, store
from tests.journey.company import Company

pytestmark = pytest.mark.postgres

ROUNDS = 12
NUMBERS = ["+15550100", "+15550101", "+15550102", "+15550103", "+15550104", "+15550105", "+15550110"]


def generation(number: int) -> dict[str, Any]:
    """A set whose first rule never matches and whose last says its number: a call that saw two sets would show it."""
    then = {"action": "queue", "queue": "support", "priority": number}
    return {
        "rules": [
            {"name": f"nobody {number}", "when": {"from_prefix": ["+999"]}, "then": {"action": "reject"}},
            {"name": f"all {number}", "when": {"to": NUMBERS}, "then": then},
        ]
    }


async def test_calls_routed_while_versions_are_published_see_exactly_one_whole_version(company: Company) -> None:
    published: dict[int, int] = {}
    over = asyncio.Event()

    async def publish() -> None:
        for number in range(1, ROUNDS + 1):
            async with company.j.db.transaction() as tx:
                version = await flow.publish(tx, generation(number), "")
            published[version] = number
        over.set()

    async def ring() -> list[CallId]:
        rung = []
        while not over.is_set():
            name = f"call-{new_id()}"
            call_id = await arrived(company.j, Arrival(name, name, name, "+15551230001", NUMBERS[0], "demo"))
            assert call_id is not None
            rung.append(call_id)
        return rung

    async with company.j.db.transaction() as tx:
        published[await flow.publish(tx, generation(0), "")] = 0
    _, *rung = await asyncio.gather(publish(), ring(), ring(), ring())
    rows = [await company.row(call_id) for calls in rung for call_id in calls]
    for row in rows:
        number = published[row["rule_set_version"]]
        assert (row["rule"], row["priority"]) == (f"all {number}", number)
        assert [step.split("'")[1] for step in row["trace"]] == [f"nobody {number}", f"all {number}"]
    assert len({row["rule_set_version"] for row in rows}) > 2
    async with company.j.db.transaction() as tx:
        assert await store.published_version(tx) == max(published)


async def test_a_call_that_comes_in_while_a_version_is_being_published_does_not_wait_for_it(company: Company) -> None:
    async with company.j.db.transaction() as tx:
        before = await store.published_version(tx)
        await flow.publish(tx, generation(1), "")
        async with asyncio.timeout(4):  # a lock of publishing would hold it until this transaction ends
            call_id = await company.call()
    assert (await company.row(call_id))["rule_set_version"] == before
    assert (await company.row(await company.call()))["rule"] == "all 1"


async def test_two_who_publish_at_once_take_turns(company: Company) -> None:
    async def publish(number: int) -> int:
        async with company.j.db.transaction() as tx:
            return await flow.publish(tx, generation(number), "")

    versions = await asyncio.gather(*(publish(number) for number in range(5)))
    states = await company.ids("SELECT state FROM rule_sets ORDER BY version")
    assert len(set(versions)) == 5
    assert states == ["retired"] * 5 + ["published"]


async def test_the_rules_of_a_published_version_are_read_once_and_another_version_is_another(company: Company) -> None:
    async with company.j.db.transaction() as tx:
        first = await store.published(tx)
        again = await store.published(tx)
        await flow.publish(tx, generation(1), "")
        other = await store.published(tx)
        assert first is not None
        assert await store.once_published(tx, first[0]) is first[1], "keys are decided by it still"
    assert again is not None
    assert other is not None
    assert first[1] is again[1]
    assert [rule.name for rule in other[1].rules] == ["nobody 1", "all 1"]
