"""Who has no `see_numbers` is told no caller's number, by whatever route: also by those that are still to come."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import StreamingResponse

from callcenter.platform.api.app import create_app
from callcenter.platform.api.security import Permit
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import Permission
from tests.platform.api.test_permissions import GUARDED
from tests.platform.api.world import ARRIVED, World
from tests.platform.events.listening import listening, served

pytestmark = pytest.mark.postgres

CALLER = "+4915112345678"
LAST = re.compile(r"5[^0-9a-z]{0,2}6[^0-9a-z]{0,2}7[^0-9a-z]{0,2}8")
HOUSE = "+15550100"
PERIOD = {"from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z"}
# Their answers are no text, or never end; the stream has a test of its own.
ELSEWHERE = {"/api/events", "/api/sounds/{name}/audio", "/api/voicemails/{voicemail_id}/audio"}


async def open_the_house(world: World) -> None:
    await world.run("INSERT INTO numbers (e164, name) VALUES (:house, 'Main') ON CONFLICT DO NOTHING", house=HOUSE)


async def seeded(world: World) -> dict[str, str]:
    """A caller's number wherever the product keeps one; what fills the routes' paths."""
    await open_the_house(world)
    call_id = await world.ended_call(
        from_number=CALLER, to_number=HOUSE, room=f"call-demo-_{CALLER}_x8Kd", caller_identity=f"sip_{CALLER}",
        sip_call_id="4915112345678@phone.test", queue="support", trace=[f"from {CALLER}", "rule 1 matched"],
    )  # fmt: skip
    leg = await world.leg(call_id, identity=f"sip_{CALLER}")
    offer = await world.offer(call_id)
    await world.segment(call_id, offer, leg, text="please ring 0151 1234 5678 or +49 151 12345678")
    await world.event(call_id, 1, summary=f"{CALLER} called", data={"number": CALLER, CALLER: 1})
    voicemail, call_back = new_id(), new_id()
    await world.run(
        "INSERT INTO voicemails (id, call_id, offer_id, box, caller, state, started_at, parts, samples, voiced_seconds,"
        " transcript) VALUES (:id, :call, :id, 'support', :caller, 'transcribed', :at, 0, 0, 2, :words)",
        id=voicemail, call=call_id, caller=CALLER, at=ARRIVED, words=f"ring {CALLER}",
    )  # fmt: skip
    await world.run(
        "INSERT INTO call_backs (id, number, queue, entered_at, origin_call_id, state, ended_at, last_failure)"
        " VALUES (:id, :number, 'support', :at, :call, 'failed', now(), :why)",
        id=call_back, number=CALLER, at=ARRIVED, call=call_id, why=f"{CALLER} is busy",
    )  # fmt: skip
    new = {"If-None-Match": "*"}
    draft = {"rules": [
        {"name": "Theirs", "when": {"from_numbers": [CALLER]}, "then": {"action": "voicemail", "box": "support"}},
    ]}  # fmt: skip
    async with await world.reader(Role.ADMIN) as admin:
        answers = [
            await admin.put(f"/api/callers/{CALLER}", json={"attributes": {"mobile": CALLER}}, headers=new),
            await admin.put("/api/callers/+4915112345679", json={}, headers=new),
            await admin.put("/api/caller-lists/vip", json={"entries": [{"number": CALLER}]}, headers=new),
            await admin.put("/api/rule-sets/draft", json=draft),
            await admin.post("/api/rule-sets/draft/replay", json=PERIOD),
        ]
    assert all(answer.is_success for answer in answers), [answer.text for answer in answers]
    return {
        "call_id": call_id, "voicemail_id": voicemail, "call_back_id": call_back, "which": "draft",
        "replay_id": answers[-1].json()["id"], "number": CALLER,
    }  # fmt: skip


def url_of(path: str, known: dict[str, str]) -> str:
    names = {"/api/caller-lists": "vip", "/api/queues": "support", "/api/numbers": HOUSE}
    of_path = next((name for start, name in names.items() if path.startswith(start)), None)
    filled = re.sub(r"\{(\w+)\}", lambda match: of_path or known.get(match[1]) or new_id(), path)
    return filled + ("?from=draft&to=published" if path.endswith("/compare") else "")


async def telling(client: httpx.AsyncClient, known: dict[str, str]) -> tuple[set[str], set[str]]:
    """Which GET routes answered, and which of those told the caller's number."""
    answered, told = set(), set()
    for method, path in GUARDED:
        if method == "GET" and path not in ELSEWHERE:
            answer = await client.get(url_of(path, known))
            if answer.status_code == 200:
                answered.add(path)
            if LAST.search(answer.text):
                told.add(path)
    return answered, told


async def test_no_route_tells_a_viewer_or_an_analyst_a_callers_number(world: World) -> None:
    known = await seeded(world)
    async with await world.somebody(Role.SUPERVISOR) as supervisor:
        _, plain = await telling(supervisor, known)
    assert plain >= {
        "/api/calls", "/api/calls/{call_id}", "/api/calls/{call_id}/transcript", "/api/calls/{call_id}/timeline",
        "/api/voicemails", "/api/voicemails/{voicemail_id}", "/api/call-backs", "/api/call-backs/{call_back_id}",
        "/api/callers", "/api/callers/{number}", "/api/caller-lists", "/api/caller-lists/{name}",
        "/api/rule-sets/{which}",
    }  # fmt: skip
    for role in (Role.VIEWER, Role.ANALYST):
        async with await world.somebody(role) as masked:
            answered, told = await telling(masked, known)
            replayed = await masked.post("/api/rule-sets/draft/replay", json=PERIOD)
        assert told == set()
        refused = {"/api/callers/{number}"} | ({"/api/history/export"} if role is Role.VIEWER else set())
        assert answered >= plain - refused
        assert not LAST.search(replayed.text)
        assert replayed.status_code == (200 if role is Role.ANALYST else 403)


async def test_what_is_hidden_are_the_last_digits_and_the_houses_numbers_stay(world: World) -> None:
    known = await seeded(world)
    async with await world.reader(Role.VIEWER) as viewer:
        call = (await viewer.get(f"/api/calls/{known['call_id']}")).json()
    assert (call["from"], call["to"], call["id"]) == ("+491511234••••", HOUSE, known["call_id"])
    assert call["room"] == "call-demo-_+491511234••••_x8Kd"


async def test_a_list_of_numbers_is_read_on_without_being_told_one(world: World) -> None:
    await seeded(world)
    async with await world.reader(Role.VIEWER) as viewer:
        first = (await viewer.get("/api/callers?limit=1")).json()
        rest = (await viewer.get("/api/callers", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert len(first["items"]) == len(rest["items"]) == 1
    assert rest["next_cursor"] is None


async def test_the_stream_of_events_hides_them_too(world: World) -> None:
    await open_the_house(world)
    call_id = await world.call(from_number=CALLER)
    viewer, supervisor = [
        {"Authorization": f"Bearer {await world.key(role)}"} for role in (Role.VIEWER, Role.SUPERVISOR)
    ]
    async with served(world.app) as url, listening(url, viewer) as hidden, listening(url, supervisor) as plain:
        await world.event(call_id, 1, summary=f"{CALLER} called {HOUSE}", data={"number": CALLER})
        seen, full = await hidden.event(), await plain.event()
    assert (seen.data["summary"], seen.data["data"]) == (f"+491511234•••• called {HOUSE}", {"number": "+491511234••••"})
    assert full.data["data"] == {"number": CALLER}
    assert seen.id == full.id


async def test_a_search_by_number_is_for_those_who_see_numbers(world: World) -> None:
    async with await world.reader(Role.VIEWER) as viewer, await world.reader(Role.SUPERVISOR) as supervisor:
        refused = await viewer.get("/api/calls", params={"number": "+49151123456"})
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:callcenter:problem:numbers-hidden"
        assert (await supervisor.get("/api/calls", params={"number": "+49151123456"})).status_code != 403


async def test_a_route_that_knows_nothing_of_masks_is_masked(world: World) -> None:
    """Whatever its shape: JSON, a table in pieces, plain words."""
    routes = APIRouter(dependencies=[Depends(Permit(Permission.READ_CALLS))])

    @routes.get("/api/new.csv")
    async def table() -> StreamingResponse:
        async def pieces() -> AsyncIterator[str]:
            for piece in ("at,from\r\n2026-11-20,+49151", "12345", "678\r\n2026-11-21,+4915112345678"):
                yield piece

        return StreamingResponse(pieces(), media_type="text/csv")

    app: FastAPI = create_app(world.database, Settings(), [routes])
    headers = {"Authorization": f"Bearer {await world.key(Role.VIEWER)}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console.test") as client:
        answer = await client.get("/api/new.csv", headers=headers)
    assert answer.text == "at,from\r\n2026-11-20,+491511234••••\r\n2026-11-21,+491511234••••"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
async def test_a_number_is_not_to_be_guessed(world: World, role: Role) -> None:
    known = await seeded(world)
    rule = {"name": "x", "when": {"last_queue": ["support"]}, "then": {"action": "voicemail", "box": "support"}}
    async with await world.somebody(role) as masked:
        answers = [
            await masked.get(f"/api/callers/{CALLER}"),
            await masked.get("/api/history", params={"q": CALLER}),
            await masked.get("/api/history", params={"number": CALLER}),
            await masked.post("/api/rule-sets/try", json={"rules": [rule], "call": {"to": HOUSE, "from": CALLER}}),
            await masked.post(f"/api/rule-sets/{known['which']}/try", json={"to": HOUSE, "from": CALLER}),
        ]
        tried = await masked.post("/api/rule-sets/try", json={"rules": [rule], "call": {"to": HOUSE}})
    assert [answer.status_code for answer in answers] == [403] * 5
    assert tried.status_code == 200
