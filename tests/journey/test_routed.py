"""What the published rules decide happens to a call, on facts that are looked up, and nothing else is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from callcenter.platform.entrypoints import setup
from callcenter.platform.plumbing.errors import Invalid
from callcenter.platform.plumbing.ids import CallId
from callcenter.setup.audit.rules import command
from callcenter.setup.rule_sets import flow
from callcenter.stages.offers import workers
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.treatment import Message
from tests.journey.company import Company

pytestmark = pytest.mark.postgres

VIP = "+4930123456"
STRANGER = "+4930999999"
TO_SUPPORT = {"action": "queue", "queue": "support"}
TO_BACK_OFFICE = {"action": "queue", "queue": "back_office"}


async def publish(company: Company, *rules: tuple[str, Any, Any]) -> int:
    """These rules (name, when, then), and support for all other calls."""
    named = [{"name": name, "when": when, "then": then} for name, when, then in rules]
    async with company.j.db.transaction() as tx:
        everybody = {"name": "Everybody", "then": TO_SUPPORT}
        return await flow.publish(tx, {"rules": [*named, everybody]}, "a test")


async def enter(company: Company, **sections: Any) -> None:
    async with company.j.db.transaction() as tx:
        await setup.apply(tx, sections, command("a test"))


async def route_of(company: Company, call_id: CallId) -> tuple[Any, Any, list[str]]:
    row = await company.row(call_id)
    return row["rule"], row["queue"], row["trace"]


async def message_of(company: Company, call_id: CallId) -> tuple[str | None, str | None]:
    async with company.j.db.transaction() as tx:
        entry = await waiting.entry(tx, call_id)
    assert entry is not None
    assert isinstance(entry.treatment, Message)
    return entry.treatment.text, entry.treatment.outcome


@contextmanager
def statements(company: Company) -> Iterator[list[str]]:
    """What is asked of Postgres meanwhile."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    engine = company.j.db.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


async def test_the_second_line_is_closed_by_its_calendar(company: Company) -> None:
    call_id = await company.call("+15550101")
    rule, queue, trace = await route_of(company, call_id)
    assert (rule, queue) == ("Second line, closed", None)
    assert trace[-1].startswith("rule 3 'Second line, closed' matched: the dialled number is +15550101 and ")
    assert trace[-1].endswith("the calendar has no weekly hours")
    message, outcome = await message_of(company, call_id)
    assert message is not None
    assert "closed" in message
    assert outcome == "completed"


@pytest.mark.parametrize(
    "action",
    [
        {"action": "voicemail", "box": "sales"},
        {"action": "call_back", "queue": "support"},
        {"action": "transfer", "number": "+493023125001"},
    ],
)
async def test_a_rule_can_begin_whatever_an_attendant_does(company: Company, action: dict[str, str]) -> None:
    await publish(company, ("Special", {"from": [VIP]}, action))
    call_id = await company.call(from_=VIP)
    _, _, trace = await route_of(company, call_id)
    assert trace[-1].startswith("rule 1 'Special' matched")
    assert await company.ids("SELECT treatment->>'kind' FROM waiting_entries") == [action["action"]]


async def test_a_rejected_call_ends_before_it_is_answered(company: Company) -> None:
    await publish(company, ("Blocked", {"from": [STRANGER]}, {"action": "reject"}))
    call_id = await company.call(from_=STRANGER)
    row = await company.row(call_id)
    assert (row["state"], row["outcome"], row["ended_by"]) == ("ended", "refused", "system")
    assert row["answered_at"] is None
    assert await company.events(call_id) == ["call_arrived", "call_routed", "call_ended"]
    await company.j.performer.settle()
    assert ("delete", row["room"]) in company.rooms.done


async def test_human_first_waits_in_its_queue_while_no_supervisor_can_be_asked(company: Company) -> None:
    await publish(company, ("Complaints", {"from": [VIP]}, {"action": "human_first", "queue": "support"}))
    rule, queue, trace = await route_of(company, call_id := await company.call(from_=VIP))
    assert (rule, queue) == ("Complaints", "support")
    assert trace[-1] == "no supervisor can be asked, so the call goes to queue 'support'"
    assert "call_waiting" in await company.events(call_id)


async def test_a_caller_of_a_list_is_known_by_number_and_by_its_beginning(company: Company) -> None:
    await enter(company, caller_lists={"vip": {"entries": [{"number": VIP}, {"prefix": "+4989"}]}})
    await publish(company, ("VIP", {"in_list": ["vip"]}, TO_BACK_OFFICE))
    for number, rule in ((VIP, "VIP"), ("+498912345", "VIP"), (STRANGER, "Everybody"), ("", "Everybody")):
        assert (await route_of(company, await company.call(from_=number)))[0] == rule


async def test_what_is_kept_of_a_caller_routes_them(company: Company) -> None:
    await enter(company, callers={VIP: {"attributes": {"tier": "gold", "language": "de-AT"}}})
    await publish(
        company,
        ("Gold", {"attribute": {"tier": ["gold"]}, "language": ["de"]}, TO_BACK_OFFICE),
    )
    assert (await route_of(company, await company.call(from_=VIP)))[0] == "Gold"
    assert (await route_of(company, await company.call(from_=STRANGER)))[0] == "Everybody"


async def test_a_caller_comes_back_to_the_queue_and_agent_of_their_last_call(company: Company) -> None:
    await company.worker()
    await publish(
        company,
        ("Again", {"last_queue": ["support"], "last_profile": ["shop"]}, TO_SUPPORT | {"priority": 20}),
    )
    first = await company.call(from_=VIP)
    await company.move()
    await company.claim(first)
    assert (await route_of(company, first))[0] == "Everybody"
    second = await company.call(from_=VIP)
    assert (await route_of(company, second))[0] == "Again"
    assert (await company.row(second))["priority"] == 20


async def test_a_long_line_and_free_seats_are_measured(company: Company) -> None:
    await publish(
        company,
        ("Long", {"queue": {"name": "support", "waiting": {"at_least": 2}}}, TO_BACK_OFFICE),
        ("Free", {"queue": {"name": "back_office", "free_seats": {"at_least": 1}}}, TO_SUPPORT),
    )
    assert [(await route_of(company, await company.call()))[0] for _ in range(3)] == ["Everybody", "Everybody", "Long"]
    await company.sql("DELETE FROM waiting_entries")
    await company.worker(seats=2)
    assert (await route_of(company, await company.call()))[0] == "Everybody"
    await company.worker(seats=1, skills=("back-office", "german"))
    assert (await route_of(company, await company.call()))[0] == "Free"


async def test_what_no_rule_asks_for_is_not_looked_up(company: Company) -> None:
    await publish(company)
    await company.call()  # the rules are read once
    with statements(company) as plain:
        await company.call()
    asked = "caller_list_entries", "callers", "calendars", "numbers", "seats"
    assert not [(name, one) for one in plain for name in asked if f"FROM {name}" in one]
    await enter(company, caller_lists={"vip": {"entries": [{"number": VIP}]}})
    await publish(company, ("VIP", {"in_list": ["vip"]}, TO_BACK_OFFICE))
    await company.call()
    with statements(company) as with_list:
        await company.call()
    assert len([one for one in with_list if "FROM caller_list_entries" in one]) == 1
    assert len(with_list) == len(plain) + 1


async def test_a_queue_that_is_gone_when_a_call_comes_is_said_in_the_trace(company: Company) -> None:
    await publish(company, ("Back", {"from": [VIP]}, TO_BACK_OFFICE))
    await company.sql("DELETE FROM queues WHERE name = 'back_office'")
    call_id = await company.call(from_=VIP)
    assert (await route_of(company, call_id))[2][-1] == "there is no queue 'back_office'"
    assert (await message_of(company, call_id))[1] == "refused"


async def test_a_skill_may_be_named_after_the_agents_that_had_it_are_gone(company: Company) -> None:
    french = TO_SUPPORT | {"required_skills": ["french"]}
    with pytest.raises(Invalid) as refused:
        await publish(company, ("French", {"language": ["fr"]}, french))
    (error,) = refused.value.errors
    assert (error.field, error.value) == ("rules.0.then.required_skills.0", "french")
    assert error.expected == "an existing skill: back-office"
    await company.worker(skills=("french",))
    await company.sql("UPDATE workers SET state = 'gone', last_beat_at = now() - interval '2 days'")
    async with company.j.db.transaction() as tx:
        assert await workers.forget(tx) == 1
    await publish(company, ("French", {"language": ["fr"]}, french))
