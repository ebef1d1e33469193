import pytest
from prometheus_client.parser import text_string_to_metric_families

from callcenter.platform.plumbing.ids import new_id
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
    assert found["callcenter_escalations", "leading"] == 0
    assert found["callcenter_escalation_oldest_seconds",] == 0
    assert found["callcenter_supervisors_available",] == 0


async def test_humans_who_are_asked_for_and_those_who_could_come_are_counted(world: World) -> None:
    for minutes in (1, 5):
        await world.run(
            "INSERT INTO escalations (id, call_id, state, trigger, reason, summary, requested_at, deadline_at) VALUES"
            " (:id, :call, 'requested', 'api', '', '', now() - make_interval(mins => :minutes), now())",
            id=new_id(), call=await world.call(state="talking"), minutes=minutes,
        )  # fmt: skip
    await world.user()
    await world.run(
        "INSERT INTO supervisor_presence (user_id, chosen, reachable_until)"
        " SELECT id, 'available', now() + interval '1 minute' FROM users"
    )
    found = await numbers(world)
    assert found["callcenter_escalations", "requested"] == 2
    assert 300 <= found["callcenter_escalation_oldest_seconds",] < 360
    assert found["callcenter_supervisors_available",] == 1


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


async def test_new_messages_are_counted_by_box_and_the_oldest_that_is_only_sound_is_aged(world: World) -> None:
    assert (await numbers(world))["callcenter_voicemail_untranscribed_seconds",] == 0
    call = await world.ended_call()
    for state, heard in (("stored", "NULL"), ("failed", "NULL"), ("failed", "now()"), ("empty", "NULL")):
        await world.run(
            "INSERT INTO voicemails (id, call_id, offer_id, box, caller, state, started_at, changed_at, due_at,"
            " heard_at)"
            f" VALUES (:id, :call, :id, 'support', '', :state, now(), now() - interval '10 minutes',"
            f" CASE :state WHEN 'stored' THEN now() END, {heard})",
            id=new_id(), call=call, state=state,
        )  # fmt: skip
    found = await numbers(world)
    assert found["callcenter_voicemails_unheard", "support"] == 2
    assert found["callcenter_voicemail_untranscribed_seconds",] == pytest.approx(600, abs=30)
