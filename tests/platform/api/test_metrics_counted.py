"""What has happened: counted from the timeline by the routers, shown by every replica of the API."""

import asyncio
import re
from collections.abc import Iterable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from callcenter.platform.api import figures
from callcenter.platform.api.recent_invariants import check_once
from callcenter.platform.api.security import snapshot
from callcenter.platform.desk import calls
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.wire.base import TroubleSource
from callcenter.platform.wire.messages import Left, Trouble
from callcenter.records.tallies.loop import count_once
from tests.journey.company import Company, segment
from tests.platform.api.world import ARRIVED, World
from tests.test_monitoring import documented

pytestmark = pytest.mark.postgres

# What this session has read lately: rows of sequential scans, and those that indexes led to.
TOUCHED = sa.text(
    "SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_xact_user_tables ORDER BY rows DESC"
)


class Shown(dict[tuple[str, frozenset[str]], float]):
    """Samples by name and their labels' values in any order."""

    def __getitem__(self, key: tuple[str, ...]) -> float:  # type: ignore[override]
        return super().__getitem__((key[0], frozenset(key[1:])))

    @classmethod
    def of(cls, families: Iterable[Metric]) -> "Shown":
        return cls({(s.name, frozenset(s.labels.values())): s.value for f in families for s in f.samples})


async def shown(world: World) -> Shown:
    async with world.client() as client:
        return Shown.of(text_string_to_metric_families((await client.get("/metrics")).text))


async def figures_of(company: Company) -> Shown:
    async with snapshot(company.j.db) as tx:
        return Shown.of(await figures.read(tx))


async def a_call(world: World, worker: str, waited: float) -> str:
    """Answered after one second, taken by an agent after `waited`, ended after a minute; the caller says one word."""
    call_id = await world.ended_call(answered_at=ARRIVED + timedelta(seconds=1), queue="support")
    offer_id = await world.offer(call_id, worker=worker, state="ended", released_at=ARRIVED + timedelta(seconds=61))
    leg_id = await world.leg(call_id)
    said = await world.segment(call_id, offer_id, leg_id, stored_at=ARRIVED + timedelta(seconds=2.2))
    at = ARRIVED + timedelta(seconds=waited)
    about = {"kind": "agent", "offer_id": offer_id}
    for seq, (kind, data) in enumerate(
        (
            ("call_arrived", {}),
            ("offer_made", about),
            ("offer_expired", about),
            ("offer_made", about),
            ("offer_accepted", about),
            ("call_answered", {}),
            ("segment_stored", {"segment_id": said}),
            ("model_trouble", {"source": "llm_error"}),
            ("agent_lost", about),
            ("offer_accepted", about),
            ("call_ended", {}),
        ),
        start=1,
    ):
        await world.event(call_id, seq, kind, data=data, at=at)
    return call_id


async def test_a_counter_shows_its_zero_before_its_first_one(world: World) -> None:
    """Prometheus counts increases: what appears as one has not increased."""
    found = await shown(world)
    assert found["callcenter_offers_total", "agent", "expired"] == 0
    assert found["callcenter_model_troubles_total", "llm_error"] == 0
    assert found["callcenter_answer_seconds_bucket", "+Inf"] == 0
    assert found["callcenter_talk_seconds_total",] == 0


async def test_each_event_is_counted_once_however_many_routers_count_and_whatever_is_deleted(world: World) -> None:
    await a_call(world, "agent-1", waited=3)
    await asyncio.gather(*(count_once(world.database, page=4) for _ in range(3)))
    await a_call(world, "agent-2", waited=700)
    assert (await shown(world))["callcenter_counting_lag_seconds",] > 0
    await asyncio.gather(*(count_once(world.database, page=4) for _ in range(3)))
    await count_once(world.database)
    await world.run("DELETE FROM calls")
    assert await count_once(world.database) == 0
    found = await shown(world)
    assert found["callcenter_counting_lag_seconds",] == 0
    assert found["callcenter_calls_arrived_total", "demo"] == 2
    assert found["callcenter_trunk_last_call_timestamp_seconds", "demo"] == pytest.approx(ARRIVED.timestamp())
    assert found["callcenter_calls_ended_total", "demo", "completed", "caller"] == 2
    assert found["callcenter_calls_ended_total", "demo", "failed", "system"] == 0
    assert found["callcenter_talk_seconds_total",] == 120
    made, accepted, expired, lost = (
        found["callcenter_offers_total", "agent", event] for event in ("made", "accepted", "expired", "lost")
    )
    assert (made, accepted, expired, lost) == (4, 4, 2, 2)
    assert found["callcenter_model_troubles_total", "llm_error"] == 2


async def test_the_wait_for_an_agent_is_that_for_the_first_one(world: World) -> None:
    """What a service level is made of: after an agent was lost, the caller does not wait for the first time."""
    await a_call(world, "agent-1", waited=3)
    await a_call(world, "agent-2", waited=700)
    await count_once(world.database)
    found = await shown(world)
    bucket = "callcenter_agent_wait_seconds_bucket"
    assert [found[bucket, "support", le] for le in ("2.0", "5.0", "600.0", "+Inf")] == [0, 1, 1, 2]
    assert found["callcenter_agent_wait_seconds_count", "support"] == 2
    assert found["callcenter_agent_wait_seconds_sum", "support"] == 703
    assert found["callcenter_answer_seconds_sum",] == 2
    assert found["callcenter_segment_lag_seconds_bucket", "0.5"] == 2
    assert found["callcenter_segment_lag_seconds_bucket", "0.25"] == 0


async def test_real_verbs_write_what_is_counted(company: Company) -> None:
    """The counting reads names out of the timeline's data: they are those that the verbs write."""
    await company.worker(seats=2)
    _, offer_id = await company.talking()
    await said_and_troubled(company, offer_id)
    await count_once(company.j.db)
    found = await figures_of(company)
    assert found["callcenter_calls_arrived_total", "demo"] == 1
    assert found["callcenter_offers_total", "agent", "accepted"] == 1
    assert found["callcenter_offers_total", "agent", "lost"] == 1
    assert found["callcenter_model_troubles_total", "tts_error"] == 1
    assert found["callcenter_agent_wait_seconds_count", "support"] == 1
    assert found["callcenter_segment_lag_seconds_count",] == 1
    assert found["callcenter_oldest_wait_seconds", "support"] < 5
    await company.sql("UPDATE waiting_entries SET entered_at = entered_at - interval '1 hour'")
    age = (await figures_of(company))["callcenter_oldest_wait_seconds", "support"]
    assert age < 5, "its agent was lost just now: it has not waited for an hour"


async def said_and_troubled(company: Company, offer_id: str) -> None:
    await calls.handle(company.j, "desk", segment(offer_id, 1))
    await calls.handle(company.j, "desk", Trouble(offer_id=offer_id, source=TroubleSource.TTS))
    await calls.handle(company.j, "desk", Left(offer_id=offer_id, failure="tts_error"))


async def test_a_broken_promise_of_a_recent_call_is_shown_and_checked_by_one_router_in_a_minute(world: World) -> None:
    fresh = await world.run("UPDATE tally_places SET at = now() - interval '2 minutes' WHERE name = 'promises'")
    assert fresh == 1
    await world.run("INSERT INTO workers (name, kind, state, pid) VALUES ('agent-9', 'agent', 'up', 1)")
    call_id = await world.ended_call()
    await world.run("UPDATE calls SET arrived_at = now() - interval '1 hour'")
    old = await world.ended_call()
    assert await check_once(world.database) == 1, "ended without its call_ended event; the other is too old to look at"
    assert await check_once(world.database) == 0, "not again within a minute"
    found = await shown(world)
    assert found["callcenter_invariant_violations", "I1"] == 1
    assert found["callcenter_invariant_violations", "I5"] == 0
    await world.event(call_id, 1, "call_ended")
    assert await check_once(world.database, after_seconds=0) == 0
    assert (await shown(world))["callcenter_invariant_violations", "I1"] == 0
    assert old


async def test_a_scrape_reads_no_more_rows_where_many_calls_are_stored(world: World) -> None:
    await world.run(
        "INSERT INTO calls (id, sip_call_id, room, caller_identity, channel, direction, from_number, to_number, trunk,"
        " state, lead, arrived_at, ended_at, outcome, ended_by)"
        " SELECT gen_random_uuid(), n, n, n, 'sip', 'inbound', '+1', '+1', 'demo', 'ended', 'none', now(), now(),"
        " 'completed', 'caller' FROM generate_series(1, 5000) n"
    )
    await world.run(
        "INSERT INTO waiting_entries (call_id, state, queue, entered_at) SELECT id, 'left', 'support', now() FROM calls"
    )
    await world.run(
        "INSERT INTO effects (call_id, kind, address, due_at, give_up_at, done_at)"
        " SELECT id, 'grant', 'x', now(), now(), now() FROM calls"
    )
    await world.run(
        "INSERT INTO timeline_events (call_id, seq, type, actor, summary)"
        " SELECT id, 1, 'call_ended', 'system', '' FROM calls"
    )
    await world.call(state="waiting")
    await count_once(world.database)
    await world.run("ANALYZE")
    async with snapshot(world.database) as tx:
        before = {row["relname"]: row["rows"] for row in await tx.rows(TOUCHED)}
        await figures.read(tx)
        read = {row["relname"]: row["rows"] - before[row["relname"]] for row in await tx.rows(TOUCHED)}
    assert read["tallies"] > 0
    assert sum(read.values()) < 200, read


async def test_figures_of_a_database_that_is_away_are_not_shown(world: World) -> None:
    assert ("callcenter_calls", frozenset({"talking"})) in await shown(world)
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    world.app.state.database = nowhere
    found = await shown(world)
    await nowhere.close()
    assert found["callcenter_database_up",] == 0
    assert ("callcenter_calls", frozenset({"talking"})) not in found


async def test_the_page_lists_exactly_the_metrics_that_are_served(world: World) -> None:
    await a_call(world, "agent-1", waited=3)
    await world.run("UPDATE tally_places SET at = now() - interval '2 minutes' WHERE name = 'promises'")
    await check_once(world.database)
    await count_once(world.database)
    waiting = await world.call(state="waiting")
    await world.run(
        "INSERT INTO waiting_entries (call_id, state, queue, entered_at) VALUES (:id, 'waiting', 'support', now())",
        id=waiting,
    )
    await world.run(
        "INSERT INTO calls_out (id, trunk, number, purpose, state, room, requested_at, ended_at)"
        " VALUES (gen_random_uuid(), 'carrier', '', 'trial', 'refused', 'out-1', now(), now())"
    )
    await world.run(
        "INSERT INTO voicemails (id, call_id, offer_id, box, caller, state, started_at, changed_at, due_at)"
        " VALUES (:id, :call, :id, 'support', '', 'stored', now(), now(), now())",
        id=new_id(), call=waiting,
    )  # fmt: skip
    async with world.client() as client:
        await client.get("/healthz")
        text = (await client.get("/metrics")).text
    served: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        for sample in family.samples:
            served.setdefault(name, set()).update(set(sample.labels) - {"le"})
        assert family.documentation, name
    served = {name: labels for name, labels in served.items() if not name.endswith("_created")}
    assert served == {n: labels - {"le"} for n, labels in documented().items() if "le" not in labels and of_its_own(n)}


def of_its_own(name: str) -> bool:
    """Whether this is a metric, and not a sample of a histogram."""
    parent = re.sub(r"_(sum|count)$", "", name)
    return parent == name or f"{parent}_bucket" not in documented()
