"""Every endpoint × every role × what belongs to somebody else, made from the routes themselves."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from callcenter.platform.api.security import Permit
from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import GRANTS, Permission
from tests.platform.api.test_permissions import GUARDED
from tests.platform.api.world import World

# What a path names: things that belong to a person, and things that everybody with the permission shares. A new name
# has to be put into one of them.
OWNED = {"session_id", "key_id", "invitation_id", "user_id"}
SHARED = {
    "call_id", "call_back_id", "voicemail_id", "name", "number", "which", "version", "replay_id",
    "part", "country", "escalation_id", "lesson_id",
}  # fmt: skip
ENDS_THE_SESSION = {("DELETE", "/api/session"), ("DELETE", "/api/sessions")}
ENDLESS = {("GET", "/api/events")}


def permits(dependant: Dependant) -> Iterator[Permission]:
    for needed in dependant.dependencies:
        if isinstance(needed.call, Permit):
            yield needed.call.permission
        yield from permits(needed)


def needed_by_route(app: FastAPI) -> dict[tuple[str, str], frozenset[Permission]]:
    found = {}
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        for method in route.methods or ():
            if (method, route.path) in GUARDED and isinstance(dependant, Dependant):
                found[(method, route.path or "")] = frozenset(permits(dependant))
    return found


@pytest.mark.postgres
@pytest.mark.parametrize("role", list(Role))
async def test_every_endpoint_opens_for_exactly_the_roles_that_have_its_permissions(world: World, role: Role) -> None:
    needed = needed_by_route(world.app)
    assert set(needed) == set(GUARDED)
    holes = []
    async with await world.somebody(role) as browser:
        for (method, path), permissions in sorted(needed.items()):
            may = permissions <= GRANTS[role]
            if may and (method, path) in ENDLESS | ENDS_THE_SESSION:
                continue
            answer = await browser.request(method, re.sub(r"\{\w+\}", new_id(), path), json={})
            opened = answer.status_code not in (401, 403)
            if not permissions or opened != may:
                holes.append(f"{method} {path}: {answer.status_code}, needs {sorted(permissions)}")
    assert holes == []


@pytest.mark.postgres
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ANALYST, Role.VIEWER])
async def test_what_belongs_to_somebody_else_is_out_of_reach(world: World, role: Role) -> None:
    async with await world.somebody(Role.ADMIN, "ada@demo.test") as ada, await world.somebody(role) as other:
        theirs = {
            "user_id": (await ada.get("/api/users")).json()["items"][0]["id"],
            "session_id": (await ada.get("/api/sessions")).json()["items"][0]["id"],
            "key_id": (await ada.post("/api/keys", json={"name": "k", "role": "viewer"})).json()["id"],
            "invitation_id": (
                await ada.post("/api/invitations", json={"email": "new@demo.test", "role": "viewer"})
            ).json()["id"],
        }  # fmt: skip
        assert theirs.keys() == OWNED
        before = [(await ada.get(path)).json() for path in ("/api/users", "/api/keys", "/api/invitations")]
        tried = [(method, path) for method, path in GUARDED if OWNED & set(re.findall(r"\{(\w+)\}", path))]
        assert {name for _, path in tried for name in re.findall(r"\{(\w+)\}", path)} == OWNED
        for method, path in tried:
            answer = await other.request(method, path.format(**theirs), json={}, headers={"If-Match": "*"})
            assert answer.status_code in (403, 404), f"{method} {path}"
        after = [(await ada.get(path)).json() for path in ("/api/users", "/api/keys", "/api/invitations")]
        assert (await ada.get("/api/session")).status_code == 200
    assert [[item["id"] for item in page["items"]] for page in after] == [
        [item["id"] for item in page["items"]] for page in before
    ]
    assert {item["state"] for page in after[1:] for item in page["items"]} == {"active", "open"}


@pytest.mark.pure
def test_every_name_in_a_path_is_known_to_be_somebodys_or_everybodys() -> None:
    assert {name for _, path in GUARDED for name in re.findall(r"\{(\w+)\}", path)} == OWNED | SHARED
