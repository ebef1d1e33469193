"""Deny by default: every route says who may use it, and without a key nothing but the public ones answers."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from callcenter.platform.api.app import UndeclaredRoute, create_app, declared, undeclared
from callcenter.platform.api.security import Permit
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users.model import Role
from tests.platform.api.world import World

PUBLIC = {
    *(("POST", path) for path in ("/api/session", "/api/welcome", "/api/welcome/accept")),
    *(("GET", path) for path in ("/healthz", "/metrics", "/edge/state")),
}
KEPT = [
    "/api/calendars/{name}",
    "/api/caller-lists/{name}",
    "/api/callers/{number}",
    "/api/numbers/{number}",
    "/api/queues/{name}",
    "/api/limits/{name}",
    "/api/profiles/{name}",
]
SUPERVISORS_VERBS = ("escalate", "join", "mode", "hand-back", "hold", "whisper", "leave")
GUARDED = [
    ("GET", "/api/calls"),
    ("GET", "/api/call-backs"),
    ("GET", "/api/call-backs/{call_back_id}"),
    ("DELETE", "/api/call-backs/{call_back_id}"),
    ("GET", "/api/escalations"),
    *(("POST", f"/api/escalations/{{escalation_id}}/{verb}") for verb in ("accept", "decline")),
    *(("POST", f"/api/calls/{{call_id}}/{verb}") for verb in SUPERVISORS_VERBS),
    *((method, "/api/calls/{call_id}/notes") for method in ("GET", "PUT")),
    ("GET", "/api/supervisors"),
    ("PUT", "/api/users/{user_id}/skills"),
    *((method, "/api/presence") for method in ("GET", "PUT")),
    ("GET", "/api/calls/{call_id}"),
    ("GET", "/api/calls/{call_id}/transcript"),
    ("GET", "/api/calls/{call_id}/transcript/text"),
    ("GET", "/api/calls/{call_id}/earlier"),
    ("POST", "/api/calls/{call_id}/end"),
    ("GET", "/api/history"),
    ("GET", "/api/history/export"),
    ("GET", "/api/calls/{call_id}/timeline"),
    ("GET", "/api/events"),
    ("GET", "/api/session"),
    ("DELETE", "/api/session"),
    ("PUT", "/api/session/password"),
    *((method, "/api/sessions") for method in ("GET", "DELETE")),
    ("DELETE", "/api/sessions/{session_id}"),
    ("GET", "/api/users"),
    *((method, "/api/users/{user_id}") for method in ("GET", "PATCH")),
    ("GET", "/api/users/{user_id}/sessions"),
    ("POST", "/api/users/{user_id}/password-reset"),
    *((method, path) for path in ("/api/invitations", "/api/keys") for method in ("GET", "POST")),
    ("DELETE", "/api/invitations/{invitation_id}"),
    ("DELETE", "/api/keys/{key_id}"),
    ("GET", "/api/health/invariants"),
    *(("GET", path) for path in ("/api/audit", "/api/audit/people")),
    ("GET", "/api/lines"),
    ("GET", "/api/board"),
    ("POST", "/api/workers/{name}/drain"),
    ("GET", "/api/queues/{name}/line"),
    ("GET", "/api/calendars/{name}/status"),
    *(("GET", f"/api/rule-sets{path}") for path in ("", "/compare", "/names", "/{which}", "/replays/{replay_id}")),
    *(("POST", f"/api/rule-sets/{verb}") for verb in ("check", "try")),
    *(("POST", f"/api/rule-sets/{{which}}/{verb}") for verb in ("validate", "try", "replay")),
    *((method, "/api/rule-sets/draft") for method in ("PUT", "DELETE")),
    ("POST", "/api/rule-sets/draft/publish"),
    ("POST", "/api/rule-sets/{version}/roll-back"),
    *((method, path) for path in KEPT for method in ("GET", "PUT", "DELETE")),
    *(("GET", path.rpartition("/")[0]) for path in KEPT),
    *((method, "/api/sounds") for method in ("GET", "POST")),
    *((method, "/api/sounds/{name}") for method in ("GET", "DELETE")),
    ("GET", "/api/sounds/{name}/audio"),
    ("POST", "/api/sounds/spoken"),
    ("GET", "/api/skills"),
    *((method, "/api/skills/{name}") for method in ("PUT", "DELETE")),
    ("POST", "/api/calendars/preview"),
    ("GET", "/api/public-holidays"),
    ("GET", "/api/public-holidays/{country}"),
    *(("GET", f"/api/trunks{path}") for path in ("", "/numbers", "/refused")),
    *(("GET", f"/api/profiles/{{name}}/{what}") for what in ("versions", "compare")),
    ("POST", "/api/profiles/{name}/roll-back"),
    *((method, "/api/profiles/{name}/keys/{part}") for method in ("PUT", "DELETE")),
    ("GET", "/api/tools"),
    ("POST", "/api/test-calls"),
    *(("GET", f"/api/lessons{path}") for path in ("", "/tags", "/{lesson_id}")),
    ("GET", "/api/lessons/failed"),
    ("POST", "/api/lessons/failed/{call_id}/retry"),
    ("PUT", "/api/lessons/{lesson_id}"),
    *(("POST", f"/api/lessons/{{lesson_id}}/{verb}") for verb in ("approve", "reject", "reopen", "merge", "ask")),
    ("GET", "/api/voicemails"),
    ("GET", "/api/voicemails/{voicemail_id}"),
    ("GET", "/api/voicemails/{voicemail_id}/audio"),
    ("PATCH", "/api/voicemails/{voicemail_id}"),
    ("DELETE", "/api/voicemails/{voicemail_id}"),
]


@pytest.fixture
def app() -> FastAPI:
    return create_app(Database("postgresql://127.0.0.1:1/none"), Settings())


def routes(app: FastAPI) -> set[tuple[str, str]]:
    return {
        (method, route.path or "")
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or set()) - {"HEAD"}
        if route.path != "/openapi.json"
    }


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", new_id(), path)


@pytest.mark.pure
def test_every_route_is_either_guarded_or_known_to_be_public(app: FastAPI) -> None:
    assert routes(app) == PUBLIC | set(GUARDED)
    assert list(undeclared(app)) == []
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            if (method, route.path) in GUARDED:
                assert isinstance(declared(route), Permit), route.path


@pytest.mark.pure
def test_an_application_with_a_route_that_declares_nothing_does_not_start() -> None:
    careless = APIRouter(prefix="/api")

    @careless.get("/secrets")
    async def secrets() -> str:
        return "everything"

    with pytest.raises(UndeclaredRoute, match="/api/secrets"):
        create_app(Database("postgresql://127.0.0.1:1/none"), Settings(), [careless])


@pytest.mark.postgres
@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_nobody_gets_in_without_a_session_or_a_key(world: World, method: str, path: str) -> None:
    async with world.client() as client:
        for headers in ({}, {"Authorization": "Bearer cc_wrong"}, {"Authorization": "Basic YTpi"}):
            answer = await client.request(method, filled(path), headers=headers | {"X-CSRF": "1"})
            assert answer.status_code == 401, headers
            assert answer.headers["content-type"] == "application/problem+json"
        client.cookies.set("callcenter_session", "forged")
        assert (await client.request(method, filled(path), headers={"X-CSRF": "1"})).status_code == 401


@pytest.mark.postgres
@pytest.mark.parametrize("role", list(Role))
async def test_every_role_reads(world: World, role: Role) -> None:
    call_id = await world.call()
    async with await world.reader(role) as client:
        for part in ("", "/transcript", "/timeline"):
            assert (await client.get(f"/api/calls/{call_id}{part}")).status_code == 200
        assert (await client.get("/api/health/invariants")).status_code == 200


@pytest.mark.postgres
async def test_health_metrics_schema_and_console_are_public(world: World, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>console")
    async with world.client() as client:
        answers: list[httpx.Response] = [await client.get(p) for p in ("/healthz", "/metrics", "/openapi.json", "/")]
    assert [answer.status_code for answer in answers] == [200] * 4
