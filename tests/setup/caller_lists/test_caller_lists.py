"""Which lists a caller is in, and what is kept of them."""

from typing import Any

import pytest
import sqlalchemy as sa

from callcenter.platform.plumbing.db import Database, Tx
from callcenter.platform.plumbing.editions import ANYTHING
from callcenter.setup.audit.rules import command
from callcenter.setup.caller_lists import store
from callcenter.setup.caller_lists.rules import CallerListBody, prefixes
from callcenter.setup.callers import store as callers
from callcenter.setup.callers.rules import CallerBody
from callcenter.setup.entries import flow

TEST = command("a test")


@pytest.mark.pure
def test_the_starts_of_a_number_are_its_own_and_nobody_without_one_has_any() -> None:
    assert prefixes("+4930") == ["+4", "+49", "+493", "+4930"]
    assert [prefixes(caller) for caller in ("", "1001", "alice", "+", "+0", "+49x")] == [[]] * 6


async def enter(tx: Tx, name: str, *entries: dict[str, str]) -> None:
    body = CallerListBody.model_validate({"entries": entries})
    await flow.put(tx, store.CALLER_LISTS, TEST, name, body, None)


async def plan_of(tx: Tx, query: sa.Select[Any]) -> str:
    written = query.compile(tx.connection.engine.sync_engine, compile_kwargs={"literal_binds": True})
    return "\n".join(row[0] for row in await tx.execute(sa.text(f"EXPLAIN {written}")))


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("caller", "lists"),
    [
        ("+493012345", {"berlin", "germany", "known"}),
        ("+493012346", {"berlin", "germany"}),
        ("+4930123456", {"berlin", "germany"}),
        ("+49301234", {"berlin", "germany"}),
        ("+4989111", {"germany"}),
        ("+4312345", set()),
        ("", set()),
        ("alice", set()),
    ],
)
async def test_a_caller_is_in_lists_by_the_whole_number_or_by_its_start(
    database_url: str, caller: str, lists: set[str]
) -> None:
    database = Database(database_url, pool_size=1)
    async with database.transaction() as tx:
        await enter(tx, "known", {"number": "+49 30 12345", "note": "Ms Example"})
        await enter(tx, "berlin", {"prefix": "+49 30"}, {"number": "+493012345"})
        await enter(tx, "germany", {"prefix": "+49"})
        assert await store.lists_of(tx, caller) == lists
        assert await store.names(tx) == {"known", "berlin", "germany"}
    await database.close()


@pytest.mark.postgres
async def test_a_list_that_is_changed_or_deleted_has_its_new_callers_only(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    async with database.transaction() as tx:
        await enter(tx, "vip", {"number": "+15551230001"}, {"number": "+15551230002"})
        await enter(tx, "vip", {"number": "+15551230002"}, {"number": "+15551230003"})
        found = [await store.lists_of(tx, f"+1555123000{last}") for last in (1, 2, 3)]
        assert found == [frozenset(), {"vip"}, {"vip"}]
        await flow.delete(tx, store.CALLER_LISTS, TEST, "vip", ANYTHING)
        assert await store.lists_of(tx, "+15551230002") == frozenset()
    await database.close()


@pytest.mark.postgres
async def test_ten_thousand_callers_fit_into_a_list_and_one_is_found_by_the_index(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    async with database.transaction() as tx:
        await enter(tx, "vip", *({"number": f"+1555{number:07}"} for number in range(10_000)))
        assert await store.lists_of(tx, "+15550009999") == {"vip"}
        await tx.execute(sa.text("ANALYZE caller_list_entries"))
        plan = await plan_of(tx, store.lists_with("+15550009999", prefixes("+15550009999")))
        assert "Seq Scan" not in plan
    await database.close()


@pytest.mark.postgres
async def test_what_is_kept_of_a_caller_is_found_by_the_number(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    async with database.transaction() as tx:
        body = CallerBody(name="Ms Example", attributes={"tier": "gold"})
        await flow.put(tx, callers.CALLERS, TEST, "+49 30 12345", body, None)
        assert await callers.attributes_of(tx, "+493012345") == {"tier": "gold"}
        assert await callers.attributes_of(tx, "+493012346") == {}
        assert await callers.attributes_of(tx, "") == {}
    await database.close()
