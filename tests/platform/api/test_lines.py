"""The lines over HTTP: who waits, in which place and what for; only for those who watch over them."""

import pytest

from callcenter.platform.api.app import create_app
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users.model import Role
from tests.journey.company import Company
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres


@pytest.fixture
def watched(company: Company) -> World:
    return World(create_app(company.j.db, Settings()), company.j.db)


async def test_a_line_is_shown_in_its_order_with_what_each_call_waits_for(company: Company, watched: World) -> None:
    calls = [await company.call(from_=f"+1555123000{number}") for number in range(3)]
    ageing = '{"ageing": {"every_seconds": 60, "points": 2, "at_most": 8}}'
    await company.sql("UPDATE queues SET body = body || CAST(:ageing AS jsonb) WHERE name = 'support'", ageing=ageing)
    fallbacks = '[{"after_seconds": 60, "then": {"action": "call_back", "queue": "support"}}]'
    await company.sql(
        "UPDATE waiting_entries SET priority = 3, fallbacks = CAST(:fallbacks AS jsonb), "
        "next_fallback_at = now() + interval '60 s' WHERE call_id = :id", id=calls[1], fallbacks=fallbacks,
    )  # fmt: skip
    early = "UPDATE waiting_entries SET entered_at = now() - interval '121 s' WHERE call_id = :id"
    await company.sql(early, id=calls[2])
    async with await watched.reader(Role.SUPERVISOR) as supervisor:
        first = (await supervisor.get("/api/queues/support/line?limit=2")).json()
        then = (await supervisor.get("/api/queues/support/line", params={"cursor": first["next_cursor"]})).json()
    found = [*first["items"], *then["items"]]
    assert [(one["position"], one["call_id"], one["aged_priority"]) for one in found] == [
        (1, calls[2], 4), (2, calls[1], 3), (3, calls[0], 0),
    ]  # fmt: skip
    assert found[0]["from"] == "+15551230002"
    assert found[0]["waited_seconds"] >= 121
    assert found[1]["next_fallback"] == "call_back"
    assert first["figures"]["waiting"] == 3
    assert first["figures"]["longest_wait_seconds"] >= 121
    assert then["next_cursor"] is None


async def test_every_queue_has_its_figures(company: Company, watched: World) -> None:
    await company.worker(seats=4)
    async with await watched.reader(Role.ADMIN) as admin:
        items = (await admin.get("/api/lines")).raise_for_status().json()["items"]
    assert [(one["queue"], one["waiting"], one["free_seats"]) for one in items] == [
        ("back_office", 0, 0), ("support", 0, 4),
    ]  # fmt: skip
    assert items[1]["expected_wait_seconds"] == 0


@pytest.mark.parametrize("path", ["/api/lines", "/api/queues/support/line"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
async def test_lines_are_not_for_everybody(watched: World, path: str, role: Role) -> None:
    async with await watched.reader(role) as reader:
        assert (await reader.get(path)).status_code == 403


async def test_a_queue_that_there_is_not_has_no_line(watched: World) -> None:
    async with await watched.reader(Role.ADMIN) as admin:
        answer = await admin.get("/api/queues/nowhere/line")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no queue 'nowhere'.")
