"""The live board: it shows what there is, warns of what is wrong, and costs the same however many calls there are."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter.platform.api.app import create_app
from callcenter.platform.api.board import boards, today_in
from callcenter.platform.api.board_latest import Latest
from callcenter.platform.api.board_reads import Day, everything
from callcenter.platform.api.recent_invariants import check_once
from callcenter.platform.plumbing.errors import Invalid
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users.model import Role
from tests.journey.company import Company
from tests.platform.api.world import World
from tests.stages.offers.crowd import crowd, statements, vacuum, workforce
from tests.stages.offers.crowd import past as leftovers

postgres = pytest.mark.postgres
CALL = """
INSERT INTO calls (id, sip_call_id, room, caller_identity, channel, direction, from_number, to_number, trunk, state,
                   lead, queue, arrived_at, ended_at, outcome, ended_by)
SELECT gen_random_uuid(), :name || n, :name || n, 'sip_' || n, 'sip', 'inbound', '+15551230001', '+15550100', 'demo',
       'ended', 'none', 'support', clock_timestamp() - make_interval(secs => :ago), clock_timestamp(), :outcome,
       'caller'
  FROM generate_series(1, :count) n
"""
ANSWER = """
INSERT INTO offers (id, call_id, kind, worker, seat_id, state, offered_at, lease_until, accepted_at, ended_at,
                    released_at)
SELECT gen_random_uuid(), id, 'agent', 'agent-gone', 0, 'ended', arrived_at, arrived_at,
       arrived_at + make_interval(secs => :after), now(), now()
  FROM calls WHERE room LIKE :name || '%'
"""
SAID = [
    """INSERT INTO legs (id, call_id, kind, identity, joined_at)
       SELECT gen_random_uuid(), call_id, 'agent', 'agent-1', now() - interval '1 day' FROM offers""",
    """INSERT INTO segments (id, call_id, offer_id, leg_id, seq, speaker, text, started_at, ended_at, interrupted)
       SELECT gen_random_uuid(), o.call_id, o.id, l.id, 1, 'agent', 'Hello.', now(), now(), false
         FROM offers o JOIN legs l USING (call_id)""",
]


@pytest.fixture
async def watched(company: Company) -> AsyncIterator[World]:
    app = create_app(company.j.db, Settings(), journey=company.j)
    async with app.router.lifespan_context(app):
        await app.state.feed.ready.wait()
        app.state.boards = boards(company.j.db, Settings().worker_silent_seconds, itertools.count().__next__)
        yield World(app, company.j.db)


async def board(watched: World, role: Role = Role.VIEWER, **query: str) -> dict[str, Any]:
    async with await watched.reader(role) as reader:
        answer = await reader.get("/api/board", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def kinds(found: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(alert["kind"], alert["about"]) for alert in found["alerts"]}


async def past(company: Company, name: str, count: int, ago: float, outcome: str, answered_after: float | None) -> None:
    await company.sql(CALL, name=name, count=count, ago=ago, outcome=outcome)
    if answered_after is not None:
        await company.sql(ANSWER, name=name, after=answered_after)


@postgres
async def test_a_call_is_shown_with_who_leads_its_agent_and_its_last_words(company: Company, watched: World) -> None:
    worker = await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    await company.sql("UPDATE calls SET state = 'talking' WHERE id = :id", id=call_id)
    leg = await watched.leg(call_id, "agent", offer_id=offer_id)
    for seq, text in enumerate(("Where is my order?", "It is on its way."), start=1):
        await watched.segment(call_id, offer_id, leg, seq, text=text, speaker="agent")
    waits = await company.call("+15550102")
    found = await board(watched)
    assert [call["id"] for call in found["calls"]] == [waits, call_id]
    assert found["calls_total"] == 2
    talking = found["calls"][1]
    assert (talking["state"], talking["lead"], talking["worker"]) == ("talking", "agent", worker)
    assert (talking["queue"], talking["profile"], talking["to"]) == ("support", "shop", "+15550100")
    assert (talking["last_words"]["speaker"], talking["last_words"]["text"]) == ("agent", "It is on its way.")
    (shown,) = found["workers"]
    assert (shown["name"], shown["seats"], shown["busy"], shown["state"]) == (worker, 2, 1, "up")
    lines = {queue["name"]: queue for queue in found["queues"]}
    assert (lines["back_office"]["waiting"], lines["support"]["waiting"]) == (1, 0)
    assert (lines["back_office"]["waiting_since"] is None, lines["support"]["waiting_since"]) == (False, None)
    assert lines["support"]["expected_wait_seconds"] == 0
    assert lines["back_office"]["expected_wait_seconds"] is None


@postgres
async def test_the_service_level_counts_who_was_served_or_left_in_time(company: Company, watched: World) -> None:
    await past(company, "quick-", 6, 600, "completed", 5)
    await past(company, "slow-", 2, 600, "completed", 60)
    await past(company, "left-", 2, 300, "abandoned", None)
    await past(company, "left-at-once-", 1, 4, "abandoned", None)
    await past(company, "message-", 3, 300, "voicemail", None)
    await past(company, "long-ago-", 4, 2700, "completed", 300)
    (support,) = [queue for queue in (await board(watched))["queues"] if queue["name"] == "support"]
    assert support["level_calls"] == 11
    assert support["level"] == pytest.approx(100 * 7 / 11)
    assert (support["target_seconds"], support["target_percent"]) == (20, 80)
    today = support["answered"], support["abandoned"]
    if datetime.now(UTC).hour >= 1:  # an hour ago may have been yesterday
        assert today == (12, 3)
        assert support["average_answer_seconds"] == pytest.approx((6 * 5 + 2 * 60 + 4 * 300) / 12)
    ours = '{"service_level": {"target_seconds": 90, "target_percent": 95}}'
    await company.sql("UPDATE queues SET body = body || CAST(:ours AS jsonb) WHERE name = 'support'", ours=ours)
    changed = await board(watched)
    (support,) = [queue for queue in changed["queues"] if queue["name"] == "support"]
    assert (support["target_percent"], support["level"]) == (95, pytest.approx(100 * 9 / 11))
    assert ("queue_below_target", "support") in kinds(changed)


@postgres
async def test_a_day_is_counted_once_and_then_only_what_came_since(company: Company) -> None:
    now = datetime.now(UTC)
    day = Day(now - timedelta(hours=12))
    seen = []
    for name, ago in (("early-", 7200.0), ("lately-", 30.0)):
        await past(company, name, 3, ago, "completed", 10)
        async with company.j.db.transaction() as tx:
            seen.append((await day.read(tx, datetime.now(UTC)))["support"])
    assert [one.answered for one in seen] == [3, 6]
    assert [one.answer_seconds for one in seen] == [pytest.approx(30), pytest.approx(60)]
    await past(company, "noticed-late-", 1, 3600, "completed", 10)
    async with company.j.db.transaction() as tx:
        assert (await day.read(tx, datetime.now(UTC)))["support"].answered == 6
        assert (await day.read(tx, datetime.now(UTC) + timedelta(minutes=7)))["support"].answered == 7


@postgres
async def test_every_alert_comes_with_its_cause_and_goes_with_it(company: Company, watched: World) -> None:
    assert {("no_agents", None), ("no_attendants", None), ("no_router", None)} <= kinds(await board(watched))
    await company.worker(SeatKind.ATTENDANT)
    worker = await company.worker()
    # However long this takes, nobody is silent meanwhile.
    await company.sql("UPDATE workers SET last_beat_at = clock_timestamp() + interval '1 hour'")
    await company.sql(
        "INSERT INTO control_processes (name, kind, pid, last_beat_at)"
        " VALUES ('router-1', 'router', 1, clock_timestamp() + interval '1 hour')"
    )
    assert kinds(await board(watched)) == {("not_counted", None)}, (
        "a router has just come, and looked for no promise yet"
    )
    await check_once(company.j.db)
    quiet = await board(watched)
    assert kinds(quiet) == set()
    call_id, _ = await company.talking()
    waits = await company.call("+15550102")
    await company.sql("UPDATE waiting_entries SET entered_at = now() - interval '40 s' WHERE call_id = :id", id=waits)
    for _ in range(4):
        for kind, data in (
            ("offer_expired", '{"kind": "agent"}'), ("agent_lost", "{}"), ("model_trouble", '{"source": "llm_error"}'),
            ("model_trouble", '{"source": "slow"}'),
        ):  # fmt: skip
            await company.sql(
                "INSERT INTO timeline_events (call_id, seq, type, actor, summary, data) SELECT :id, "
                "(SELECT max(seq) + 1 FROM timeline_events WHERE call_id = :id), :kind, 'system', '', "
                "CAST(:data AS jsonb)", id=call_id, kind=kind, data=data,
            )  # fmt: skip
    await company.sql(
        "INSERT INTO effects (kind, address, due_at, give_up_at)"
        " VALUES ('grant', 'x', now() - interval '1 minute', now())"
    )
    await company.sql("UPDATE tallies SET value = 1 WHERE name = 'violations' AND labels = ARRAY['I4']")
    await company.sql(
        "INSERT INTO tallies (name, labels, value)"
        " VALUES ('trunk_last_call', ARRAY['old'], extract(epoch FROM now()) - 100000)"
    )
    await past(company, "failed-", 6, 60, "failed", None)
    await company.sql("INSERT INTO workers (name, kind, state, pid) VALUES ('agent-dead', 'agent', 'lost', 1)")
    found = await board(watched)
    assert kinds(found) == {
        ("no_free_seats", None), ("worker_lost", "agent-dead"), ("queue_waits", "back_office"),
        ("queue_below_target", "support"), ("leases_expire", "agent"), ("agents_die", "agent"),
        ("model_fails", "llm_error"), ("trunk_fails", "demo"), ("trunk_unknown", "old"), ("effects_overdue", None),
        ("promise_broken", None),
    }  # fmt: skip
    assert found["promises"]["violations"] == 1
    severities = [alert["severity"] for alert in found["alerts"]]
    assert severities == sorted(severities, key=["critical", "warning", "notice"].index)
    await company.sql("UPDATE workers SET last_beat_at = now() - interval '10 s' WHERE name = :worker", worker=worker)
    assert {("no_agents", None), ("worker_silent", worker)} <= kinds(await board(watched))


@postgres
async def test_a_trunk_that_is_silent_at_a_busy_hour_is_told_from_one_that_nobody_calls(
    company: Company, watched: World
) -> None:
    week = 7 * 24 * 3600.0
    await past(company, "last-week-", 11, week + 1800, "completed", None)
    assert ("trunk_silent", "demo") in kinds(await board(watched))
    await past(company, "now-", 1, 60, "completed", None)
    assert ("trunk_silent", "demo") not in kinds(await board(watched))


@postgres
async def test_a_board_costs_the_same_few_statements_over_indexes_however_many_calls_there_are(
    company: Company,
) -> None:
    today = datetime.now(UTC) - timedelta(hours=12)
    await leftovers(company, "left-", 4000)
    for statement in SAID:
        await company.sql(statement)
    await workforce(company, workers=20)
    counts = []
    for calls in (1, 2000):
        await crowd(company, f"of-{calls}-", calls)
        await past(company, f"old-{calls}-", 10 * calls, 40 * 3600, "completed", 5)
        await vacuum(company)
        with statements(company) as seen:
            async with company.j.db.transaction() as tx:
                await everything(tx, Day(today))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12
    for statement, values in seen:
        async with company.j.db.transaction() as tx:
            plan = "\n".join(row[0] for row in await tx.connection.exec_driver_sql(f"EXPLAIN {statement}", values))
        assert not re.search(r"Seq Scan on (timeline_events|segments|offers|effects)\b", plan), plan


@postgres
async def test_fifty_boards_at_once_are_one_reading(company: Company, watched: World) -> None:
    watched.app.state.boards = boards(company.j.db, 4, lambda: None, kept=60)
    async with await watched.reader() as reader:
        with statements(company) as seen:
            answers = await asyncio.gather(*(reader.get("/api/board") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len([one for one, _ in seen if "FROM waiting_entries w" in one]) == 1


@postgres
async def test_only_who_runs_the_place_drains_a_worker_and_the_audit_says_who(company: Company, watched: World) -> None:
    worker = await company.worker()
    for role in (Role.SUPERVISOR, Role.ANALYST, Role.VIEWER):
        async with await watched.reader(role) as reader:
            assert (await reader.post(f"/api/workers/{worker}/drain")).status_code == 403
    async with await watched.browser_of_an_admin() as admin:
        assert (await admin.post(f"/api/workers/{worker}/drain")).status_code == 204
        missing = await admin.post("/api/workers/nobody/drain")
        (entry,) = (await admin.get("/api/audit", params={"thing": "worker"})).json()["items"]
    assert (missing.status_code, missing.json()["detail"]) == (404, "There is no live worker 'nobody'.")
    assert (entry["who"], entry["name"], entry["after"]["state"]) == ("ada@demo.test", worker, "draining")
    (shown,) = (await board(watched))["workers"]
    assert shown["state"] == "draining"


@postgres
async def test_a_zone_that_there_is_not_is_named_with_what_would_be_right(watched: World) -> None:
    async with await watched.reader() as reader:
        answer = await reader.get("/api/board", params={"zone": "Mars/Olympus"})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["field"], error["value"]) == ("query.zone", "Mars/Olympus")


@pytest.mark.pure
def test_a_day_begins_at_midnight_where_the_reader_is() -> None:
    at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert today_in("UTC", at) == datetime(2026, 11, 20, tzinfo=UTC)
    assert today_in("Europe/Berlin", at) == datetime(2026, 11, 20, 23, tzinfo=UTC)
    with pytest.raises(Invalid):
        today_in("", at)


@contextmanager
def counted() -> Iterator[tuple[list[int], Latest[str, int], list[int]]]:
    news, readings = [0], []

    async def read(_: str) -> int:
        readings.append(news[0])
        await asyncio.sleep(0)
        return readings[-1]

    yield news, Latest(read, lambda: news[0], kept=60, pause=0.01), readings


@pytest.mark.pure
async def test_who_asks_because_of_an_event_gets_what_was_read_after_it() -> None:
    with counted() as (news, latest, readings):
        assert [await latest.get("") for _ in range(3)] == [0, 0, 0]
        asking = asyncio.create_task(latest.get(""))
        news[0] = 1
        assert await asking == 1
        assert await asyncio.gather(*(latest.get("") for _ in range(9))) == [1] * 9
        assert readings == [0, 1]


@pytest.mark.pure
async def test_a_reading_that_fails_is_not_kept() -> None:
    tries = []

    async def read(_: str) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("away")
        return "there"

    latest = Latest(read, lambda: None, kept=60, pause=0)
    with pytest.raises(OSError, match="away"):
        await latest.get("")
    assert await latest.get("") == "there"
