"""API keys: listed, bounded by whoever made them, ended."""

import httpx
import pytest

from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres


async def made(maker: httpx.AsyncClient, **wish: object) -> dict[str, str]:
    answer = await maker.post("/api/keys", json={"name": "board", "role": "supervisor"} | wish)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_key_is_told_once_and_listed_by_its_beginning(world: World) -> None:
    async with await world.somebody(Role.SUPERVISOR) as sam:
        key = await made(sam)
        listed = (await sam.get("/api/keys")).text
        assert key["key"].startswith(key["prefix"])
        assert key["key"] not in listed
        assert key["prefix"] in listed
        async with world.client(Authorization=f"Bearer {key['key']}") as program:
            assert (await program.get("/api/lines")).status_code == 200
        assert (await sam.get("/api/keys")).json()["items"][0]["last_used_at"] is not None
    assert await world.run("SELECT FROM api_keys WHERE key_hash = :key", key=key["key"]) == 0


async def test_scopes_narrow_what_the_role_may(world: World) -> None:
    async with await world.somebody(Role.SUPERVISOR) as sam:
        key = await made(sam, scopes=["read_lines"])
        async with world.client(Authorization=f"Bearer {key['key']}") as program:
            assert (await program.get("/api/lines")).status_code == 200
            assert (await program.get("/api/calls")).status_code == 403


async def test_a_key_gets_no_more_than_its_maker(world: World) -> None:
    async with await world.somebody(Role.SUPERVISOR) as sam, await world.somebody(Role.ADMIN) as ada:
        for wish in ({"role": "admin"}, {"role": "viewer", "scopes": ["read_lines"]}, {"role": "analyst"}):
            refused = await sam.post("/api/keys", json={"name": "more"} | wish)
            assert refused.status_code == 422, wish
            assert refused.json()["errors"][0]["field"] in ("role", "scopes")
        for scope in ("edit_setup", "supervise"):  # a mask cannot be written back; a room's name holds the number
            blind = await ada.post("/api/keys", json={"name": "b", "role": "admin", "scopes": [scope]})
            assert blind.json()["errors"][0]["expected"] == "together with see_numbers"


async def test_a_key_shrinks_with_the_role_of_its_maker(world: World) -> None:
    async with await world.somebody(Role.ADMIN, "ada@demo.test") as ada:
        key = await made(ada, role="admin")
        async with world.client(Authorization=f"Bearer {key['key']}") as program:
            assert (await program.get("/api/audit")).status_code == 200
            await world.run("UPDATE users SET role = 'viewer' WHERE email = 'ada@demo.test'")
            assert (await program.get("/api/audit")).status_code == 403
            assert (await program.get("/api/calls")).status_code == 200


async def test_a_key_from_the_shell_stays_as_it_was_made(world: World) -> None:
    await world.user("vic@demo.test", Role.VIEWER)
    async with world.client(Authorization=f"Bearer {await world.key(Role.ADMIN, 'vic@demo.test')}") as program:
        assert (await program.get("/api/audit")).status_code == 200


async def test_a_key_ends_when_it_is_revoked_and_when_its_time_is_over(world: World) -> None:
    async with await world.somebody(Role.SUPERVISOR) as sam, await world.somebody(Role.ADMIN) as ada:
        first, second = await made(sam), await made(sam, expires_in_days=1)
        assert (await ada.delete(f"/api/keys/{first['id']}")).status_code == 204
        await world.run("UPDATE api_keys SET expires_at = now() WHERE revoked_at IS NULL")
        for key in (first, second):
            async with world.client(Authorization=f"Bearer {key['key']}") as program:
                assert (await program.get("/api/calls")).status_code == 401
        states = {key["id"]: key["state"] for key in (await sam.get("/api/keys")).json()["items"]}
        assert states == {first["id"]: "revoked", second["id"]: "expired"}
        assert (await ada.delete(f"/api/keys/{first['id']}")).status_code == 204
        changes = [entry["change"] for entry in (await ada.get("/api/audit?thing=api_key")).json()["items"]]
    assert changes == ["deleted", "created", "created"]


async def test_one_sees_and_ends_ones_own_keys_and_an_admin_everybodys(world: World) -> None:
    async with (
        await world.somebody(Role.SUPERVISOR) as sam, await world.somebody(Role.ANALYST) as ann,
        await world.somebody(Role.ADMIN) as ada,
    ):  # fmt: skip
        key = await made(sam)
        await world.key(Role.VIEWER)
        assert (await ann.get("/api/keys")).json()["items"] == []
        assert (await ann.delete(f"/api/keys/{key['id']}")).status_code == 404
        assert len((await sam.get("/api/keys")).json()["items"]) == 1
        assert len((await ada.get("/api/keys")).json()["items"]) == 2
        async with await world.reader(Role.SUPERVISOR) as nobodys:
            assert (await nobodys.get("/api/keys")).json()["items"] == []


async def test_a_key_makes_no_credential(world: World) -> None:
    """Whoever steals a key cannot make themselves another one that outlives it."""
    async with await world.somebody(Role.ADMIN, "ada@demo.test") as ada:
        user_id = (await ada.get("/api/users")).json()["items"][0]["id"]
        key = (await made(ada, role="admin"))["key"]
        async with world.client(Authorization=f"Bearer {key}") as program:
            for path, body in (
                ("/api/keys", {"name": "heir", "role": "viewer"}),
                ("/api/invitations", {"email": "new@demo.test", "role": "admin"}),
                (f"/api/users/{user_id}/password-reset", None),
            ):
                refused = await program.post(path, json=body)
                assert refused.status_code == 403, path
                assert refused.json()["type"] == "urn:callcenter:problem:session-needed"
