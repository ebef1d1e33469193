import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.platform.api.world import World

pytestmark = pytest.mark.postgres


async def numbers(world: World) -> dict[tuple[str, ...], float]:
    """Every sample by its name and its labels' values."""
    async with world.client() as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


async def test_an_empty_contact_center_shows_zeros(world: World) -> None:
    found = await numbers(world)
    assert found["callcenter_database_up",] == 1
    assert found["callcenter_calls", "talking"] == 0
    assert found["callcenter_seats", "agent", "free"] == 0
    assert found["callcenter_workers", "attendant", "up"] == 0
    assert found["callcenter_effects_overdue",] == 0


async def test_calls_seats_workers_the_line_and_overdue_effects_are_counted(world: World) -> None:
    talking = await world.call(state="talking")
    await world.offer(talking)
    await world.seat()
    await world.ended_call()
    waiting = await world.call(state="waiting")
    await world.run(
        "INSERT INTO waiting_entries (call_id, state, queue, entered_at, attendant_due_at)"
        " VALUES (:id, 'waiting', 'support', now(), now())",
        id=waiting,
    )
    await world.run(
        "INSERT INTO effects (kind, address, due_at, give_up_at)"
        " VALUES ('grant', 'x', now() - interval '1 minute', now()), ('grant', 'x', now() + interval '1 hour', now())"
    )
    await world.run(
        "INSERT INTO calls_out (id, trunk, number, purpose, state, room, requested_at, ended_at) SELECT"
        " gen_random_uuid(), 'carrier', '', 'trial', 'refused', 'out-' || n, now() - n * interval '9 hours', now()"
        " FROM generate_series(1, 3) n"
    )
    found = await numbers(world)
    assert found["callcenter_calls_out", "refused", "carrier"] == 2
    assert found["callcenter_calls", "talking"] == 1
    assert found["callcenter_calls", "waiting"] == 1
    assert ("callcenter_calls", "ended") not in found
    assert found["callcenter_seats", "agent", "busy"] == 1
    assert found["callcenter_seats", "agent", "free"] == 1
    assert found["callcenter_workers", "agent", "up"] == 1
    assert found["callcenter_calls_in_line", "support"] == 1
    assert found["callcenter_effects_overdue",] == 1
    await world.run("DELETE FROM waiting_entries")
    assert ("callcenter_calls_in_line", "support") not in await numbers(world)


async def test_requests_are_counted_by_route_never_by_path(world: World) -> None:
    call_id = await world.call()
    async with await world.reader() as client:
        await client.get(f"/api/calls/{call_id}")
        await client.get("/api/calls/nonsense")
        await client.get("/api/nonsense")
        text = (await client.get("/metrics")).text
    found = await numbers(world)
    assert found["callcenter_http_requests_total", "GET", "/api/calls/{call_id}", "200"] == 1
    assert found["callcenter_http_requests_total", "GET", "/api/calls/{call_id}", "422"] == 1
    assert found["callcenter_http_requests_total", "GET", "other", "404"] == 1
    assert found["callcenter_http_request_seconds_count", "GET", "/api/calls/{call_id}"] == 2
    assert call_id not in text
    assert "nonsense" not in text
