import asyncio
from contextlib import ExitStack

import httpx
import pytest

from callcenter.platform.api.security import COOKIE
from callcenter.setup.users.model import Role
from tests.platform.api.world import PASSWORD, SITE, Meanwhile, World

pytestmark = pytest.mark.postgres
CSRF = {"X-CSRF": "1"}


HERE, ELSEWHERE = "192.0.2.1", "203.0.113.7"


async def try_to_sign_in(world: World, email: str, password: str, address: str = HERE) -> httpx.Response:
    async with world.client(address) as client:
        return await client.post("/api/session", json={"email": email, "password": password})


async def test_signing_in_says_who_one_is_and_opens_the_calls(world: World) -> None:
    async with await world.browser() as browser:
        user = (await browser.get("/api/session")).json()["user"]
        assert user["email"] == "sam@demo.test"
        assert user["role"] == "supervisor"
        assert (await browser.get("/api/calls")).status_code == 200


async def test_the_email_may_be_written_in_any_case(world: World) -> None:
    await world.user("Sam@Demo.test")
    assert (await try_to_sign_in(world, "SAM@demo.TEST", PASSWORD)).status_code == 200


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(world: World) -> None:
    await world.user()
    plain = (await try_to_sign_in(world, "sam@demo.test", PASSWORD)).headers["set-cookie"].lower()
    assert "httponly" in plain
    assert "samesite=strict" in plain
    assert "secure" not in plain
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://console.test") as client:
        answer = await client.post("/api/session", json={"email": "sam@demo.test", "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_the_database_does_not_know_the_cookies_value(world: World) -> None:
    async with await world.browser() as browser:
        value = browser.cookies[COOKIE]
    assert await world.run("SELECT FROM user_sessions WHERE token_hash = :value", value=value) == 0
    assert await world.run("SELECT FROM user_sessions") == 1


async def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(world: World) -> None:
    await world.user()
    wrong = await try_to_sign_in(world, "sam@demo.test", "wrong")
    unknown = await try_to_sign_in(world, "nobody@demo.test", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_a_disabled_user_cannot_sign_in_and_loses_the_open_session(world: World) -> None:
    async with await world.browser() as browser:
        await world.run("UPDATE users SET disabled_at = now()")
        assert (await browser.get("/api/session")).status_code == 401
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD)).status_code == 401


@pytest.mark.parametrize("change", ["password_hash = 'another'", "disabled_at = now()"])
async def test_a_password_that_changed_while_it_was_checked_opens_nothing(world: World, change: str) -> None:
    await world.user()
    world.app.state.hashing = Meanwhile(world, f"UPDATE users SET {change}")
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD)).status_code == 401
    assert await world.run("SELECT FROM user_sessions") == 0
    assert await world.run("SELECT FROM sign_in_failures") == 1


async def failed_before(world: World, count: int, email: str, address: str) -> None:
    """Failures of the last minutes; in both texts `%` stands for the number of the failure."""
    await world.run(
        "INSERT INTO sign_in_failures (email, address)"
        " SELECT replace(:email, '%', n::text), replace(:address, '%', n::text) FROM generate_series(1, :count) n",
        email=email, address=address, count=count,
    )  # fmt: skip


@pytest.mark.parametrize("email", ["sam@demo.test", "nobody@demo.test"])
async def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(world: World, email: str) -> None:
    await world.user()
    for _ in range(5):
        assert (await try_to_sign_in(world, email, "wrong")).status_code == 401
    throttled = await try_to_sign_in(world, email.upper(), PASSWORD)
    assert throttled.status_code == 429
    assert 290 <= int(throttled.headers["retry-after"]) <= 301
    assert throttled.json()["type"] == "urn:callcenter:problem:sign-in-throttled"


async def test_the_throttle_opens_again_after_five_minutes(world: World) -> None:
    await world.user()
    for _ in range(5):
        await try_to_sign_in(world, "sam@demo.test", "wrong")
    await world.run("UPDATE sign_in_failures SET at = at - interval '5 minutes 1 second'")
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD)).status_code == 200
    assert await world.run("SELECT FROM sign_in_failures") == 0


async def test_a_burst_of_wrong_passwords_cannot_pass_the_throttle_together(world: World) -> None:
    await world.user()
    answers = await asyncio.gather(*(try_to_sign_in(world, "sam@demo.test", f"wrong {n}") for n in range(9)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 4


async def test_wrong_passwords_from_elsewhere_do_not_lock_out_the_right_one(world: World) -> None:
    await world.user()
    for _ in range(5):
        assert (await try_to_sign_in(world, "sam@demo.test", "wrong", ELSEWHERE)).status_code == 401
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD, ELSEWHERE)).status_code == 429
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD, HERE)).status_code == 200


async def test_success_forgets_no_failures_from_elsewhere(world: World) -> None:
    await world.user()
    await failed_before(world, 5, "sam@demo.test", ELSEWHERE)
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD, HERE)).status_code == 200
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD, ELSEWHERE)).status_code == 429


async def test_an_email_that_is_tried_from_fifty_addresses_has_to_wait(world: World) -> None:
    await world.user()
    await failed_before(world, 49, "sam@demo.test", "198.51.100.%")
    assert (await try_to_sign_in(world, "sam@demo.test", "wrong")).status_code == 401
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD)).status_code == 429


async def test_an_address_that_tries_thirty_emails_has_to_wait_and_others_do_not(world: World) -> None:
    await world.user()
    await failed_before(world, 29, "user-%@demo.test", ELSEWHERE)
    assert (await try_to_sign_in(world, "nobody@demo.test", "wrong", ELSEWHERE)).status_code == 401
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD, ELSEWHERE)).status_code == 429
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD, HERE)).status_code == 200


async def test_without_an_address_the_email_alone_is_counted(world: World) -> None:
    await world.user()
    for _ in range(5):
        assert (await try_to_sign_in(world, "sam@demo.test", "wrong", "unknown")).status_code == 401
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD, "unknown")).status_code == 429
    await world.run("UPDATE sign_in_failures SET email = 'user-' || id")
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD, "unknown")).status_code == 200


async def test_when_eight_wait_for_their_password_the_next_is_asked_to_come_back(world: World) -> None:
    await world.user()
    with ExitStack() as under_way:
        for _ in range(9):
            under_way.enter_context(world.app.state.hashing.place())
        assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD)).status_code == 200
        under_way.enter_context(world.app.state.hashing.place())
        refused = await try_to_sign_in(world, "sam@demo.test", PASSWORD)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["type"] == "urn:callcenter:problem:sign-in-busy"
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD)).status_code == 200
    assert await world.run("SELECT FROM sign_in_failures") == 0


async def test_success_forgets_the_failures_before_it(world: World) -> None:
    await world.user()
    for _ in range(4):
        await try_to_sign_in(world, "sam@demo.test", "wrong")
    assert (await try_to_sign_in(world, "sam@demo.test", PASSWORD)).status_code == 200
    assert (await try_to_sign_in(world, "sam@demo.test", "wrong")).status_code == 401


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(world: World) -> None:
    async with await world.browser() as browser, world.client() as thief:
        thief.cookies.set(COOKIE, browser.cookies[COOKIE])
        assert (await thief.get("/api/session")).status_code == 200
        assert (await browser.delete("/api/session", headers=CSRF)).status_code == 204
        assert COOKIE not in browser.cookies
        assert (await thief.get("/api/session")).status_code == 401


@pytest.mark.parametrize(
    "past",
    [
        "UPDATE user_sessions SET expires_at = now() - interval '1 second'",
        "UPDATE user_sessions SET last_seen_at = now() - interval '2 hours 1 second'",
    ],
    ids=["after twelve hours", "after two hours without use"],
)
async def test_a_session_ends_by_itself(world: World, past: str) -> None:
    async with await world.browser() as browser:
        await world.run(past)
        answer = await browser.get("/api/calls")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_session_in_use_does_not_fall_idle(world: World) -> None:
    async with await world.browser() as browser:
        for _ in range(2):
            await world.run("UPDATE user_sessions SET last_seen_at = last_seen_at - interval '90 minutes'")
            assert (await browser.get("/api/session")).status_code == 200


async def test_a_change_by_cookie_needs_the_header_that_other_sites_cannot_send(world: World) -> None:
    async with await world.browser() as browser:
        refused = await browser.delete("/api/session")
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:callcenter:problem:forged-request"
        assert (await browser.get("/api/session")).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://console.test.evil.test", "http://["])
async def test_a_change_from_another_site_is_refused(world: World, origin: str) -> None:
    async with await world.browser() as browser:
        assert (await browser.delete("/api/session", headers=CSRF | {"Origin": origin})).status_code == 403
        credentials = {"email": "sam@demo.test", "password": PASSWORD}
        answer = await browser.post("/api/session", json=credentials, headers={"Origin": origin})
        assert answer.status_code == 403
        assert (await browser.delete("/api/session", headers=CSRF | {"Origin": SITE})).status_code == 204


async def test_the_password_is_never_said_back(world: World) -> None:
    secret = "s3cret" * 300
    async with world.client() as client:
        for body in (
            {"email": "sam@demo.test", "password": secret},
            {"password": secret},
            {"email": 7, "password": secret},
        ):
            answer = await client.post("/api/session", json=body)
            assert answer.status_code == 422
            assert "s3cret" not in answer.text


async def test_a_key_with_a_person_says_whose_it_is_and_one_without_does_not(world: World) -> None:
    await world.user()
    async with world.client(Authorization=f"Bearer {await world.key(Role.ADMIN, 'sam@demo.test')}") as owned:
        assert (await owned.get("/api/session")).json()["user"]["email"] == "sam@demo.test"
    async with await world.reader() as ownerless:
        assert (await ownerless.get("/api/session")).status_code == 403


async def test_a_revoked_an_unknown_and_a_mangled_key_are_refused(world: World) -> None:
    key = await world.key()
    async with world.client() as client:
        for wrong in ("cc_unknown", key[:-1], key + "x", "", "ü"):
            header = f"Bearer {wrong}".encode("latin-1")
            answer = await client.get("/api/calls", headers=httpx.Headers([(b"Authorization", header)]))
            assert answer.status_code == 401, wrong
        await world.run("UPDATE api_keys SET revoked_at = now()")
        revoked = await client.get("/api/calls", headers={"Authorization": f"Bearer {key}"})
        assert revoked.status_code == 401
        assert revoked.headers["www-authenticate"] == "Bearer"


async def test_seeding_again_changes_nobody(world: World) -> None:
    await world.user("sam@demo.test")
    before = await world.run("SELECT FROM users")
    await world.user("SAM@demo.test", Role.ADMIN)
    assert await world.run("SELECT FROM users") == before
    assert await world.run("SELECT FROM users WHERE role = 'supervisor'") == 1
