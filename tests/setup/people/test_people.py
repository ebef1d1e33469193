"""Users: changed, disabled, and never without an admin; sessions: seen and ended."""

import asyncio
from typing import Any

import httpx
import pytest

from callcenter.setup.users.model import Role
from tests.platform.api.world import PASSWORD, Meanwhile, World

pytestmark = pytest.mark.postgres


async def user_of(admin: httpx.AsyncClient, email: str) -> dict[str, Any]:
    found = [user for user in (await admin.get("/api/users")).json()["items"] if user["email"] == email]
    return dict(found[0])


async def change(admin: httpx.AsyncClient, user: dict[str, Any], **values: Any) -> httpx.Response:
    return await admin.patch(f"/api/users/{user['id']}", json=values, headers={"If-Match": user["etag"]})


async def test_a_disabled_user_loses_every_session_and_key_at_once(world: World) -> None:
    async with (
        await world.somebody(Role.ADMIN) as ada,
        await world.somebody(Role.SUPERVISOR, "sam@demo.test") as sam,
    ):
        key = (await sam.post("/api/keys", json={"name": "board", "role": "supervisor"})).json()["key"]
        by_shell = await world.key(Role.ADMIN, "sam@demo.test")
        disabled = await change(ada, await user_of(ada, "sam@demo.test"), disabled=True)
        assert disabled.json()["disabled"] is True
        assert (await sam.get("/api/session")).status_code == 401
        for lost in (key, by_shell):
            async with world.client(Authorization=f"Bearer {lost}") as program:
                assert (await program.get("/api/calls")).status_code == 401
        enabled = await change(ada, disabled.json(), disabled=False)
        assert enabled.json()["disabled_at"] is None
        assert (await sam.get("/api/session")).status_code == 401
        entries = (await ada.get("/api/audit?thing=user&name=sam@demo.test")).json()["items"]
    assert [(e["before"]["disabled"], e["after"]["disabled"]) for e in entries] == [(True, False), (False, True)]
    assert await world.run("SELECT FROM user_sessions WHERE user_id::text = :id", id=enabled.json()["id"]) == 0


async def test_an_open_stream_of_a_disabled_user_ends_with_their_session(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.somebody(Role.VIEWER, "vic@demo.test") as vic:
        token_hash = (await world.hashes("vic@demo.test"))[0]
        with world.app.state.streams.place(token_hash) as ended:
            await change(ada, await user_of(ada, "vic@demo.test"), disabled=True)
            assert ended.is_set()
        assert (await vic.get("/api/calls")).status_code == 401


@pytest.mark.parametrize("wish", [{"role": "viewer"}, {"disabled": True}])
async def test_the_last_admin_stays_one(world: World, wish: dict[str, Any]) -> None:
    async with await world.somebody(Role.ADMIN, "ada@demo.test") as ada:
        refused = await change(ada, await user_of(ada, "ada@demo.test"), **wish)
        assert refused.status_code == 409
        assert refused.json()["errors"][0]["field"] in wish
        async with await world.somebody(Role.ADMIN, "bob@demo.test") as bob:
            assert (await change(ada, await user_of(ada, "ada@demo.test"), **wish)).status_code == 200
            assert (await change(bob, await user_of(bob, "bob@demo.test"), **wish)).status_code == 409


async def test_two_admins_who_demote_each_other_at_once_leave_one(world: World) -> None:
    async with (
        await world.somebody(Role.ADMIN, "ada@demo.test") as a,
        await world.somebody(Role.ADMIN, "bob@demo.test") as b,
    ):
        bob, ada = await user_of(a, "bob@demo.test"), await user_of(b, "ada@demo.test")
        answers = await asyncio.gather(change(a, bob, role="viewer"), change(b, ada, role="viewer"))
    assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 409])
    assert await world.run("SELECT FROM users WHERE role = 'admin'") == 1


async def test_a_new_role_counts_from_the_next_request_on(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.somebody(Role.ADMIN, "bob@demo.test") as bob:
        stale = await user_of(ada, "bob@demo.test")
        assert (await change(ada, stale, role="viewer", name=" Bobby ")).json()["name"] == "Bobby"
        assert (await bob.get("/api/users")).status_code == 403
        assert (await change(ada, stale, role="admin")).status_code == 412
        assert (await ada.patch(f"/api/users/{stale['id']}", json={"role": "admin"})).status_code == 428
        assert (await ada.patch(f"/api/users/{stale['id']}", json={"email": "x@y"})).status_code == 422


@pytest.mark.parametrize("wish", [{"role": "admin"}, {"role": "viewer"}, {"disabled": False}])
async def test_a_key_gives_nobody_more_and_lets_nobody_in_again(world: World, wish: dict[str, Any]) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.somebody(Role.SUPERVISOR, "sam@demo.test") as sam:
        sam.cookies.clear()
        key = {"name": "directory", "role": "admin", "scopes": ["manage_users"]}
        secret = (await ada.post("/api/keys", json=key)).json()["key"]
        async with world.client(Authorization=f"Bearer {secret}") as program:
            named = await change(program, await user_of(program, "sam@demo.test"), name="Samuel")
            assert (named.status_code, named.json()["name"]) == (200, "Samuel")
            left = await change(program, named.json(), disabled=True)
            assert (left.status_code, left.json()["disabled"]) == (200, True)
            refused = await change(program, left.json(), **wish)
            assert (refused.status_code, refused.json()["type"]) == (403, "urn:callcenter:problem:session-needed")
            assert await user_of(program, "sam@demo.test") == left.json()
        assert (await change(ada, left.json(), **wish)).status_code == 200


async def test_users_come_in_pages_by_email(world: World) -> None:
    async with await world.somebody(Role.ADMIN, "b@demo.test") as b:
        for email in ("C@demo.test", "a@demo.test"):
            (await world.somebody(Role.VIEWER, email)).cookies.clear()
        first = (await b.get("/api/users?limit=2")).json()
        rest = (await b.get("/api/users", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [user["email"] for user in first["items"] + rest["items"]] == ["a@demo.test", "b@demo.test", "C@demo.test"]
    assert rest["next_cursor"] is None


async def test_ones_own_sessions_are_listed_and_can_be_ended_and_others_not(world: World) -> None:
    async with await world.browser() as here, await world.browser() as there, await world.somebody(Role.VIEWER) as vic:
        for browser in (here, there):
            browser.headers["X-CSRF"] = "1"
        listed = (await here.get("/api/sessions")).json()["items"]
        assert len(listed) == 2
        (other,) = [session for session in listed if not session["current"]]
        assert other["address"] == "192.0.2.1"
        path = f"/api/sessions/{other['id']}"
        assert (await vic.delete(path)).status_code == 404
        assert (await there.get("/api/session")).status_code == 200
        assert (await here.delete(path)).status_code == 204
        assert (await there.get("/api/session")).status_code == 401
        assert (await here.delete(path)).status_code == 404


async def test_all_other_sessions_end_at_once_and_this_one_stays(world: World) -> None:
    async with await world.browser() as here, await world.browser() as there:
        assert (await here.delete("/api/sessions", headers={"X-CSRF": "1"})).status_code == 204
        assert (await here.get("/api/session")).status_code == 200
        assert (await there.get("/api/session")).status_code == 401


async def test_an_admin_sees_and_ends_anybodys_session(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.somebody(Role.VIEWER, "vic@demo.test") as vic:
        user = await user_of(ada, "vic@demo.test")
        (session,) = (await ada.get(f"/api/users/{user['id']}/sessions")).json()["items"]
        assert (session["device"], session["current"]) == ("Firefox on Linux", False)
        assert (await ada.delete(f"/api/sessions/{session['id']}")).status_code == 204
        assert (await vic.get("/api/session")).status_code == 401
        (entry,) = (await ada.get("/api/audit?thing=session&name=vic@demo.test")).json()["items"]
    assert (entry["change"], entry["before"]["device"]) == ("deleted", "Firefox on Linux")


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(world: World) -> None:
    new = "an entirely new sentence"
    async with await world.browser() as here, await world.browser() as there:
        here.headers["X-CSRF"] = "1"
        path = "/api/session/password"
        wrong = await here.put(path, json={"current": "wrong", "new": new})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "current")
        easy = await here.put(path, json={"current": PASSWORD, "new": "password1234"})
        assert (easy.status_code, easy.json()["errors"][0]["field"]) == (422, "new")
        assert (await here.put(path, json={"current": PASSWORD, "new": new})).status_code == 204
        assert (await here.get("/api/session")).status_code == 200
        assert (await there.get("/api/session")).status_code == 401
    async with world.client() as client:
        for password, status in ((PASSWORD, 401), (new, 200)):
            answer = await client.post("/api/session", json={"email": "sam@demo.test", "password": password})
            assert answer.status_code == status


async def test_a_new_password_ends_the_reset_links_that_were_made_before(world: World) -> None:
    async with await world.somebody(Role.ADMIN) as ada, await world.browser() as sam:
        sam.headers["X-CSRF"] = "1"
        user = await user_of(ada, "sam@demo.test")
        token = (await ada.post(f"/api/users/{user['id']}/password-reset")).json()["token"]
        assert (await ada.post("/api/welcome", json={"token": token})).status_code == 200
        body = {"current": PASSWORD, "new": "an entirely new sentence"}
        assert (await sam.put("/api/session/password", json=body)).status_code == 204
        assert (await ada.post("/api/welcome", json={"token": token})).status_code == 404


async def test_who_knew_the_old_password_cannot_undo_a_reset_that_came_first(world: World) -> None:
    async with await world.browser() as thief:
        thief.headers["X-CSRF"] = "1"
        world.app.state.hashing = Meanwhile(world, "UPDATE users SET password_hash = 'of the reset link'")
        body = {"current": PASSWORD, "new": "an entirely new sentence"}
        refused = await thief.put("/api/session/password", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "current")
    assert await world.run("SELECT FROM users WHERE password_hash = 'of the reset link'") == 1


async def test_whoever_finds_an_open_browser_may_not_try_passwords_without_end(world: World) -> None:
    async with await world.somebody(Role.VIEWER) as found:
        tries = [await found.put("/api/session/password", json={"current": str(n), "new": PASSWORD}) for n in range(6)]
    assert [answer.status_code for answer in tries] == [422] * 5 + [429]
