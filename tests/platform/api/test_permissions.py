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

PUBLIC = {("POST", "/api/session"), ("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/edge/state")}
GUARDED = [
    ("GET", "/api/calls"),
    ("GET", "/api/calls/{call_id}"),
    ("GET", "/api/calls/{call_id}/transcript"),
    ("GET", "/api/calls/{call_id}/timeline"),
    ("GET", "/api/events"),
    ("GET", "/api/session"),
    ("DELETE", "/api/session"),
    ("GET", "/api/health/invariants"),
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
