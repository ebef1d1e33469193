"""What a batch of offers costs: the same few statements over the right indexes, however long the line is."""

import re
import time

import pytest

from callcenter.journey.offered import offer_agents_once
from tests.journey.company import Company
from tests.stages.offers.crowd import crowd, past, statements, vacuum, workforce

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(180)]

BATCHES = 3
BATCH = 100  # the workforce has so many workers, and one free seat each
GROWS = "waiting_entries|calls|offers|effects|timeline_events"
LIMIT = 2.0  # generous: neighbours on the machine make a batch slower than a line does; scans cost far more


async def seconds_per_batch(company: Company) -> float:
    """The quickest of some batches, all of them full."""
    took = []
    for _ in range(BATCHES):
        await company.sql("UPDATE seats SET offer_id = NULL")
        await company.sql("UPDATE offers SET state = 'ended', released_at = now()")
        await company.sql("UPDATE workers SET last_beat_at = clock_timestamp() + interval '1 hour'")
        await company.sql("UPDATE seats SET offer_id = gen_random_uuid() WHERE number > 1")
        started = time.perf_counter()
        made = await offer_agents_once(company.j, BATCH)
        took.append(time.perf_counter() - started)
        assert made == BATCH
        await company.j.performer.settle()
    return min(took)


async def test_a_batch_takes_as_long_with_ten_thousand_in_line_as_with_a_few_hundred(company: Company) -> None:
    await crowd(company, "few-", (BATCHES + 2) * BATCH)
    await workforce(company)
    few = await seconds_per_batch(company)
    await crowd(company, "many-", 10_000)
    await crowd(company, "nobody-", 1_000, nobody=True)
    await vacuum(company)
    many = await seconds_per_batch(company)
    assert many < few * LIMIT


async def test_a_batch_takes_the_same_few_statements_as_one_call_and_none_of_them_notifies(company: Company) -> None:
    await workforce(company)
    counts = []
    for calls in (1, 40):
        await crowd(company, f"of-{calls}-", calls)
        with statements(company) as seen:
            assert await offer_agents_once(company.j) == calls
        counts.append(len(seen))
        assert not [statement for statement, _ in seen if "notify" in statement.lower()]
        await company.j.performer.settle()
    assert counts[0] == counts[1] <= 9


async def test_no_statement_of_a_batch_reads_a_table_that_grows_from_end_to_end(company: Company) -> None:
    await past(company, "past-", 20_000)
    await crowd(company, "many-", 10_000)
    await workforce(company)
    with statements(company) as seen:
        assert await offer_agents_once(company.j, 50) == 1000
        await company.j.performer.settle()
    plans = {}
    for statement, values in dict(seen).items():
        async with company.j.db.transaction() as tx:
            found = await tx.connection.exec_driver_sql(f"EXPLAIN {statement}", values)
            plans[statement] = "\n".join(row[0] for row in found)
    scans = {plan for plan in plans.values() if re.search(rf"Seq Scan on ({GROWS})\b", plan)}
    assert not scans, "\n".join(scans)
    (line,) = (plan for statement, plan in plans.items() if "wishes" in statement)
    assert line.count("using ix_waiting_entries_wishes") >= 2, line
    (chosen,) = (plan for statement, plan in plans.items() if "seats_in_turn" in statement)
    assert "Seq Scan on seats" not in chosen, chosen


async def test_calls_that_nobody_can_serve_do_not_hide_those_behind_them(company: Company) -> None:
    await crowd(company, "nobody-", 2_000, nobody=True)
    await crowd(company, "some-", 60)
    await workforce(company)
    assert await offer_agents_once(company.j) == 60
