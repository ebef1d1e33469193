"""Menus at run time: what the caller chooses, decided by the rules that asked."""

from datetime import UTC, datetime

import pytest

from callcenter.journey.announced import announcement_due
from callcenter.journey.answered import answered
from callcenter.journey.chose import WHILE_WAITING, chose
from callcenter.journey.left import lost
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.asking import Announce, NewPlan
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.brief import Ask, AttendantPlan
from callcenter.platform.wire.messages import Claimed
from callcenter.setup.entries import store as entries
from callcenter.setup.queues import store as queues
from callcenter.setup.rule_sets import flow
from callcenter.stages.waiting import loop
from tests.journey.company import Company, new_plan

pytestmark = pytest.mark.postgres

MENU = "+15550103"
PROMPT = "For your orders, press 1. For invoices, press 2. To speak to a person, press 0."


async def with_attendant(company: Company, call_id: CallId) -> tuple[OfferId, AttendantPlan]:
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp() WHERE state = 'waiting'")
    await company.move()
    offer_id, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    await answered(company.j, offer_id, datetime.now(UTC))
    return offer_id, answer.attendant


async def asked(company: Company, to: str = MENU) -> tuple[CallId, OfferId, Ask]:
    await company.worker(SeatKind.ATTENDANT, seats=3)
    call_id = await company.call(to)
    offer_id, plan = await with_attendant(company, call_id)
    assert plan.ask is not None
    return call_id, offer_id, plan.ask


async def answer(company: Company, offer_id: OfferId, number: int, key: str | None) -> AttendantPlan:
    told = await chose(company.j, offer_id, number, key)
    if number == WHILE_WAITING:
        return await new_plan(company, offer_id)
    assert isinstance(told, NewPlan)
    return told.plan


async def entry(company: Company) -> list[str]:
    return await company.ids("SELECT state || ' ' || coalesce(queue, '-') || ' ' || coalesce(treatment->>'kind', '-')"
                             " FROM waiting_entries")  # fmt: skip


async def test_a_key_leads_to_the_queue_of_its_option_where_an_agent_takes_the_call(company: Company) -> None:
    call_id, offer_id, ask = await asked(company)
    assert (ask.prompt, ask.number, ask.timeout_seconds) == (PROMPT, 1, 6)
    assert ask.keys["1"] == ("orders", "order")
    plan = await answer(company, offer_id, 1, "1")
    assert plan.ask is None
    assert plan.opening.startswith("Welcome to the demo shop")
    row = await company.row(call_id)
    assert (row["queue"], row["profile"], row["rule"]) == ("support", "shop", "Menu")
    assert "key 1 is 'Orders'" in row["trace"][-1]
    assert row["routing_facts"]["facts"]["digits"] == ["1"]
    assert "key_pressed" in await company.events(call_id)
    await company.worker()
    await company.move()
    _, claim = await company.claim(call_id)
    assert isinstance(claim, Claimed)


async def test_the_place_in_line_counts_from_the_arrival_and_not_from_the_choice(company: Company) -> None:
    _, offer_id, _ = await asked(company)
    before = await company.ids("SELECT entered_at FROM waiting_entries")
    await answer(company, offer_id, 1, "2")
    assert await company.ids("SELECT entered_at FROM waiting_entries") == before


async def test_no_agent_is_asked_for_a_call_in_its_menu(company: Company) -> None:
    await company.worker()
    await asked(company)
    assert await company.move() == 0


async def test_nothing_chosen_is_asked_again_and_then_goes_otherwise(company: Company) -> None:
    call_id, offer_id, _ = await asked(company)
    for number in (1, 2):
        plan = await answer(company, offer_id, number, None)
        assert plan.ask is not None
        assert (plan.ask.prompt, plan.ask.number) == (PROMPT, number + 1)
    plan = await answer(company, offer_id, 3, "7")
    assert plan.ask is None
    row = await company.row(call_id)
    assert row["queue"] == "support"
    assert "otherwise, after 3 tries" in row["trace"][-1]
    assert any("nothing was chosen" in step for step in row["trace"])
    assert await entry(company) == ["waiting support -"]


async def test_an_answer_that_comes_twice_counts_once(company: Company) -> None:
    _, offer_id, _ = await asked(company)
    first = await answer(company, offer_id, 1, None)
    again = await answer(company, offer_id, 1, None)
    assert first == again
    assert first.ask is not None
    assert first.ask.number == 2


async def test_when_the_attendant_dies_in_the_menu_its_successor_asks_with_the_tries_that_are_left(
    company: Company,
) -> None:
    call_id, offer_id, _ = await asked(company)
    await answer(company, offer_id, 1, None)
    await lost(company.j, offer_id, "test")
    await company.j.performer.settle()
    successor, plan = await with_attendant(company, call_id)
    assert plan.ask is not None
    assert (plan.ask.prompt, plan.ask.number) == (PROMPT, 2)
    assert await chose(company.j, offer_id, 2, "1") is None, "the dead one chooses nothing any more"
    await answer(company, successor, 2, None)
    assert (await answer(company, successor, 3, None)).ask is None


async def test_the_menu_of_a_live_call_is_not_changed_by_rules_published_meanwhile(company: Company) -> None:
    call_id, offer_id, _ = await asked(company)
    everybody = {"action": "message", "text": "We have moved."}
    async with company.j.db.transaction() as tx:
        await flow.publish(tx, {"rules": [{"name": "Moved", "then": everybody}]}, "test")
    await answer(company, offer_id, 1, "1")
    row = await company.row(call_id)
    assert (row["rule"], row["rule_set_version"], row["queue"]) == ("Menu", 1, "support")


async def test_without_any_attendant_the_menu_goes_on_as_if_nothing_were_chosen(company: Company) -> None:
    call_id = await company.call(MENU)
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp()")
    assert await loop.give_up_once(company.j) == 1
    assert (await company.row(call_id))["queue"] == "support"
    assert await entry(company) == ["waiting support -"]


async def test_an_attendant_cannot_end_a_call_that_waits_in_its_queue_after_the_menu(company: Company) -> None:
    call_id, offer_id, _ = await asked(company)
    await answer(company, offer_id, 1, "0")
    row = await company.row(call_id)
    assert "no supervisor can be asked" in row["trace"][-1]
    assert row["queue"] == "support"


# --- while waiting ---------------------------------------------------------------------------------------------------


async def with_keys(company: Company, **changes: object) -> None:
    async with company.j.db.transaction() as tx:
        body = await queues.get(tx, "back_office")
        await entries.update(tx, queues.QUEUES, "back_office", body.model_validate(body.model_dump() | changes))


KEYS = {
    "1": {"name": "Call me back", "then": "call_back"},
    "2": {"name": "Leave a message", "then": "voicemail"},
    "3": {"name": "Support", "then": {"queue": "support"}},
    "0": {"name": "A person", "then": "person"},
}


async def waits(company: Company, **changes: object) -> tuple[CallId, OfferId, AttendantPlan]:
    await with_keys(company, **{"keys": KEYS, **changes})
    await company.worker(SeatKind.ATTENDANT, seats=3)
    call_id = await company.call("+15550102")
    return (call_id, *(await with_attendant(company, call_id)))


async def test_another_queue_keeps_the_arrival(company: Company) -> None:
    call_id, offer_id, plan = await waits(company)
    assert set(plan.keys) == {"0", "1", "2", "3"}
    before = await company.ids("SELECT entered_at FROM waiting_entries")
    await answer(company, offer_id, 0, "3")
    assert await company.ids("SELECT entered_at FROM waiting_entries") == before
    assert await entry(company) == ["waiting support -"]
    assert (await company.row(call_id))["queue"] == "support"
    await company.worker()
    assert await company.move() == 1, "support asks for no skill of the back office"


async def test_another_queue_keeps_what_the_rule_asks_of_an_agent_and_not_what_the_queue_did(company: Company) -> None:
    await company.sql("INSERT INTO skills (name) VALUES ('german'), ('patient'), ('quick') ON CONFLICT DO NOTHING")
    skills = {"required_skills": ["german"], "preferred_skills": ["patient"], "prefer_seconds": 3600}
    then = {"action": "queue", "queue": "back_office", "priority": 5, **skills}
    async with company.j.db.transaction() as tx:
        await flow.publish(tx, {"rules": [{"name": "All", "then": then}]}, "a test")
        body = (await queues.get(tx, "support")).model_copy(update={"required_skills": ("quick",)})
        await entries.update(tx, queues.QUEUES, "support", body)
    _, offer_id, _ = await waits(company)
    assert await asks(company) == ['5 ["back-office","german","patient"] ["patient"] t']
    await answer(company, offer_id, 0, "3")
    assert await asks(company) == ['5 ["german","patient","quick"] ["patient"] t']
    left = await company.ids("SELECT round(extract(epoch FROM prefer_until - now()) / 60) FROM waiting_entries")
    assert left == ["60"], "insisted on for as long as before"
    await company.sql("UPDATE waiting_entries SET prefer_until = now()")
    await loop.overflow_once(company.j)
    assert await asks(company) == ['5 ["german","quick"] ["patient"] f']


async def asks(company: Company) -> list[str]:
    """Priority, required and preferred skills, and whether those are insisted on."""
    return await company.ids(
        "SELECT concat_ws(' ', priority, array_to_json(required_skills), array_to_json(preferred_skills),"
        " prefer_until IS NOT NULL) FROM waiting_entries"
    )


@pytest.mark.parametrize(("key", "kind"), [("1", "call_back"), ("2", "voicemail")])
async def test_a_call_back_or_a_message_leaves_the_line_with_the_place_kept(
    company: Company, key: str, kind: str
) -> None:
    _, offer_id, _ = await waits(company)
    before = await company.ids("SELECT entered_at FROM waiting_entries")
    await answer(company, offer_id, 0, key)
    assert await entry(company) == [f"waiting back_office {kind}"]
    assert await company.ids("SELECT entered_at FROM waiting_entries") == before
    await company.worker(skills=("back-office",))
    assert await company.move() == 0, "no agent is asked for a call that left the line"


async def test_who_asks_for_a_person_while_nobody_can_be_asked_is_told_so_and_keeps_the_place(company: Company) -> None:
    _, offer_id, _ = await waits(company)
    told = await chose(company.j, offer_id, 0, "0")
    assert isinstance(told, Announce)
    assert "none of our people" in told.texts[0]
    assert await entry(company) == ["waiting back_office -"]


async def test_a_key_that_means_nothing_while_waiting_changes_nothing(company: Company) -> None:
    call_id, offer_id, _ = await waits(company)
    assert await chose(company.j, offer_id, 0, "9") is None
    assert await entry(company) == ["waiting back_office -"]
    assert (await company.events(call_id)).count("key_pressed") == 1


async def test_the_second_in_line_hears_so_and_texts_come_in_their_turn(company: Company) -> None:
    await company.call("+15550102")
    announce = {"every_seconds": 20, "texts": ["Our shop is online as well.", "Thank you for waiting."]}
    _, offer_id, plan = await waits(company, announce=announce)
    assert plan.announce_every_seconds == 20
    told = await announcement_due(company.j, offer_id)
    assert told is not None
    assert told.texts == ("You are second in line.", "Our shop is online as well.")
    await company.sql("UPDATE waiting_entries SET entered_at = entered_at - interval '40 seconds'")
    told = await announcement_due(company.j, offer_id)
    assert told is not None
    assert told.texts == ("You are second in line.", "Thank you for waiting.")


async def test_the_expected_wait_is_said_when_enough_answers_were_measured(company: Company) -> None:
    await company.worker(skills=("back-office",), seats=5)
    for _ in range(5):
        await company.call("+15550102")
    await company.move()
    for call_id in await company.ids("SELECT call_id FROM offers ORDER BY offered_at"):
        await company.claim(CallId(call_id))
    await company.sql(
        "UPDATE legs SET joined_at = clock_timestamp() - n * interval '130 seconds' FROM"
        " (SELECT id, row_number() OVER (ORDER BY id) AS n FROM legs) AS numbered WHERE numbered.id = legs.id"
    )
    await company.sql("UPDATE waiting_entries SET entered_at = entered_at - interval '1 hour'")
    _, offer_id, _ = await waits(company, announce={"every_seconds": 20})
    told = await announcement_due(company.j, offer_id)
    assert told is not None
    assert told.texts == ("You are next in line.", "It will take about three minutes.")


async def test_nothing_is_announced_where_nothing_can_be_told(company: Company) -> None:
    _, offer_id, _ = await waits(company, announce={"every_seconds": 20, "position": False})
    assert await announcement_due(company.j, offer_id) is None


async def test_a_caller_whose_language_is_known_is_greeted_and_told_in_it(company: Company) -> None:
    german: dict[str, object] = {"opening_in": {"de": "Willkommen."}, "announce": {"every_seconds": 20}}
    await with_keys(company, **german)
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call("+15550102")
    await company.sql("""UPDATE calls SET routing_facts = jsonb_set(routing_facts, '{facts,language}', '"de-AT"')""")
    offer_id, plan = await with_attendant(company, call_id)
    assert (plan.opening, plan.language) == ("Willkommen.", "de-AT")
    told = await announcement_due(company.j, offer_id)
    assert told is not None
    assert told.texts == ("Sie sind als Nächstes an der Reihe.",)
