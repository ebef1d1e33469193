"""Links by which somebody new, or somebody who forgot, sets a password: once, in time, unless revoked."""

import httpx
import pytest

from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres
NEW = "new@demo.test"
PASSWORD = "an entirely new sentence"


async def invited(admin: httpx.AsyncClient, email: str = NEW, role: str = "analyst") -> dict[str, str]:
    answer = await admin.post("/api/invitations", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def accept(world: World, token: str, **values: object) -> httpx.Response:
    async with world.client() as anybody:
        body = {"token": token, "name": "Noor", "password": PASSWORD} | values
        return await anybody.post("/api/welcome/accept", json=body)


async def sign_in(world: World, email: str, password: str = PASSWORD) -> int:
    async with world.client() as client:
        return (await client.post("/api/session", json={"email": email, "password": password})).status_code


async def test_an_invitation_makes_a_user_once(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada, world.client() as anybody:
        made = await invited(ada)
        token = made["token"]
        assert token not in (await ada.get("/api/invitations")).text
        held = (await anybody.post("/api/welcome", json={"token": token})).json()
        assert (held["kind"], held["email"], held["role"]) == ("join", NEW, "analyst")
        assert (await accept(world, token)).json() == {"email": NEW}
        assert await sign_in(world, NEW) == 200
        again = await accept(world, token)
        assert again.status_code == 404
        assert again.json()["type"] == "urn:callcenter:problem:dead-link"
        assert (await ada.get("/api/invitations")).json()["items"][0]["state"] == "used"
        (entry,) = (await ada.get("/api/audit?thing=user")).json()["items"]
    assert (entry["who"], entry["after"]["role"], entry["after"]["name"]) == (NEW, "analyst", "Noor")
    assert await world.run("SELECT FROM invitations WHERE token_hash = :token", token=token) == 0


@pytest.mark.parametrize("end", ["revoked", "expired", "superseded", "inviter disabled", "unknown"])
async def test_a_dead_link_opens_nothing_and_says_no_more_than_that(world: World, end: str) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.somebody(Role.ADMIN, "bob@demo.test") as bob:
        made = await invited(bob)
        token = made["token"]
        if end == "revoked":
            assert (await ada.delete(f"/api/invitations/{made['id']}")).status_code == 204
            assert (await ada.delete(f"/api/invitations/{made['id']}")).status_code == 409
        elif end == "expired":
            await world.run("UPDATE invitations SET expires_at = now()")
        elif end == "superseded":
            token, made = made["token"], await invited(ada)
        elif end == "inviter disabled":
            users = (await ada.get("/api/users")).json()["items"]
            (user,) = [user for user in users if user["email"] == "bob@demo.test"]
            headers = {"If-Match": user["etag"]}
            await ada.patch(f"/api/users/{user['id']}", json={"disabled": True}, headers=headers)
        else:
            token = "unknown"
        async with world.client() as anybody:
            read = await anybody.post("/api/welcome", json={"token": token})
        used = await accept(world, token)
    assert (read.status_code, used.status_code) == (404, 404)
    assert read.json() == used.json()
    assert token not in used.text


async def test_a_weak_password_does_not_use_up_the_link(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada:
        token = (await invited(ada))["token"]
    weak = await accept(world, token, password="password1234")
    assert (weak.status_code, weak.json()["errors"][0]["field"]) == (422, "password")
    nameless = await accept(world, token, name=None)
    assert (nameless.status_code, nameless.json()["errors"][0]["field"]) == (422, "name")
    assert (await accept(world, token)).status_code == 200


async def test_who_is_a_user_is_not_invited(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.somebody(Role.VIEWER, "Vic@demo.test"):
        refused = await ada.post("/api/invitations", json={"email": "vic@DEMO.test", "role": "admin"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "email")
        wrong = await ada.post("/api/invitations", json={"email": "nobody", "role": "admin"})
        assert wrong.json()["errors"][0]["expected"] == "an email address, such as sam@example.org"


async def test_a_reset_sets_a_new_password_and_ends_every_session(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.somebody(Role.VIEWER, "vic@demo.test") as vic:
        users = (await ada.get("/api/users")).json()["items"]
        (user,) = [user for user in users if user["email"] == "vic@demo.test"]
        made = (await ada.post(f"/api/users/{user['id']}/password-reset")).json()
        assert made["kind"] == "reset"
        assert (await vic.get("/api/session")).status_code == 200
        assert (await accept(world, made["token"], name=None)).json() == {"email": "vic@demo.test"}
        assert (await vic.get("/api/session")).status_code == 401
        assert await sign_in(world, "vic@demo.test") == 200
        assert (await accept(world, made["token"])).status_code == 404
        kept = (await ada.get(f"/api/users/{user['id']}")).json()
    assert (kept["name"], kept["role"]) == ("Viewer", "viewer")


async def test_a_reset_of_somebody_disabled_is_refused_and_dies_with_them(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.somebody(Role.VIEWER, "vic@demo.test"):
        users = (await ada.get("/api/users")).json()["items"]
        (user,) = [user for user in users if user["email"] == "vic@demo.test"]
        made = (await ada.post(f"/api/users/{user['id']}/password-reset")).json()
        await world.run("UPDATE users SET disabled_at = now() WHERE email = 'vic@demo.test'")
        assert (await accept(world, made["token"])).status_code == 404
        assert (await ada.post(f"/api/users/{user['id']}/password-reset")).status_code == 409
