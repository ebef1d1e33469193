"""What a key of a menu leads to that is no new place in a line: a refusal, a call-back, an old place."""

from typing import Any

import pytest

from callcenter.journey.chose import chose
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.asking import NewPlan
from callcenter.platform.wire.brief import AttendantPlan
from callcenter.setup.rule_sets import flow as rule_sets
from tests.journey.company import Company
from tests.journey.phones import Phones, number

pytestmark = pytest.mark.postgres

TO_SUPPORT = {"action": "queue", "queue": "support"}


async def publish(company: Company, options: dict[str, Any], *before: dict[str, Any]) -> None:
    menu = {"action": "menu", "prompt": "Press a key.", "options": options, "otherwise": TO_SUPPORT}
    async with company.j.db.transaction() as tx:
        await rule_sets.publish(tx, {"rules": [*before, {"name": "Menu", "then": menu}]}, "test")


async def asked(world: Phones, from_: str = number(1)) -> tuple[CallId, OfferId]:
    """A caller who hears the menu."""
    call_id = await world.company.call(from_=from_)
    await world.company.sql("UPDATE calls SET answered_at = arrived_at, state = 'waiting' WHERE state = 'ringing'")
    return call_id, await world.attended(call_id)


async def pressed(company: Company, offer_id: OfferId, question: int, key: str) -> AttendantPlan:
    told = await chose(company.j, offer_id, question, key)
    assert isinstance(told, NewPlan)
    return told.plan


async def test_a_key_that_leads_to_a_refusal_is_answered_by_a_sentence_and_not_by_a_click(world: Phones) -> None:
    await publish(world.company, {"1": {"name": "No", "then": {"action": "reject"}}})
    call_id, offer_id = await asked(world)
    plan = await pressed(world.company, offer_id, 1, "1")
    assert plan.opening.startswith("I am sorry")
    assert plan.then_end
    assert (await world.company.row(call_id))["outcome"] is None, "nobody hangs up before it is said"


async def test_an_answer_to_the_menu_that_comes_twice_confirms_no_number(world: Phones) -> None:
    await publish(world.company, {"1": {"name": "Call me", "then": {"action": "call_back", "queue": "support"}}})
    _, offer_id = await asked(world)
    first = await pressed(world.company, offer_id, 1, "1")
    again = await pressed(world.company, offer_id, 1, "1")
    assert first.ask is not None
    assert again.ask == first.ask, "the number is still to be confirmed"
    assert await world.company.ids("SELECT id FROM call_backs") == []
    await world.press(offer_id, first.ask.number, "1")
    assert len(await world.company.ids("SELECT id FROM call_backs")) == 1


async def test_who_is_to_be_called_back_has_their_place_behind_a_menu_too(world: Phones) -> None:
    waits = {"name": "Promised", "when": {"digits": ["1"], "open_call_back": True}, "then": TO_SUPPORT}
    other = {"name": "Others", "when": {"digits": ["1"]}, "then": TO_SUPPORT}
    await publish(world.company, {"1": {"name": "Orders"}}, waits, other)
    call_back_id = await world.promise(1, 9)
    call_id, offer_id = await asked(world)
    await pressed(world.company, offer_id, 1, "1")
    assert (await world.company.row(call_id))["rule"] == "Promised"
    entered = await world.company.ids(f"SELECT entered_at FROM waiting_entries WHERE call_id = '{call_id}'")
    assert entered == [str((await world.back(call_back_id))["entered_at"])]


@pytest.mark.parametrize(("minutes", "rule"), [(0, "Others"), (2, "Late")])
async def test_rules_that_a_key_asks_again_know_how_long_the_caller_has_waited(
    world: Phones, minutes: int, rule: str
) -> None:
    late = {"name": "Late", "when": {"digits": ["1"], "waited_seconds": {"at_least": 60}}, "then": TO_SUPPORT}
    other = {"name": "Others", "when": {"digits": ["1"]}, "then": TO_SUPPORT}
    await publish(world.company, {"1": {"name": "Orders"}}, late, other)
    call_id, offer_id = await asked(world)
    await world.company.sql("UPDATE calls SET arrived_at = arrived_at - make_interval(mins => :n)", n=minutes)
    await pressed(world.company, offer_id, 1, "1")
    assert (await world.company.row(call_id))["rule"] == rule
