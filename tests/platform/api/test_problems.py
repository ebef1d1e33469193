"""Whatever goes wrong is said as a problem, with the field, the value and what would be right, and nothing secret."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Depends

from callcenter.platform.api.app import create_app
from callcenter.platform.api.limits import MAX_BODY_BYTES
from callcenter.platform.api.problems import echo
from callcenter.platform.api.security import Public
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.wire.settings import Settings
from tests.platform.api.world import SITE, World


def problem_of(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body.keys() == {"type", "title", "status", "detail", "errors"}
    assert body["status"] == status
    return body


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("query", "field", "value", "expected"),
    [
        ("limit=0", "query.limit", "0", "at least 1"),
        ("limit=201", "query.limit", "201", "at most 200"),
        ("limit=ten", "query.limit", "ten", "a whole number"),
        ("limit=99999999999999999999", "query.limit", "99999999999999999999", "at most 200"),
        ("state=gone", "query.state.0", "gone", "one of 'live', 'ringing', 'waiting', 'talking' or 'ended'"),
        ("sip_call_id=a%00b", "query.sip_call_id", "a\x00b", "text without null characters"),
        ("cursor=%00", "query.cursor", "\x00", "text without null characters"),
        ("cursor=garbage", "query.cursor", "garbage", "the next_cursor of an earlier answer"),
        ("cursor=WyJ4IiwieSJd", "query.cursor", "WyJ4IiwieSJd", "the next_cursor of an earlier answer"),
        ("cursor=W251bGwsbnVsbF0", "query.cursor", "W251bGwsbnVsbF0", "the next_cursor of an earlier answer"),
    ],
)
async def test_a_wrong_query_says_what_would_be_right(
    world: World, query: str, field: str, value: str, expected: str
) -> None:
    async with await world.reader() as client:
        body = problem_of(await client.get(f"/api/calls?{query}"), 422)
    assert body["errors"] == [{"field": field, "value": value, "expected": expected}]


@pytest.mark.postgres
@pytest.mark.parametrize("part", ["", "/transcript", "/timeline"])
async def test_an_unknown_call_is_not_found_and_a_malformed_id_is_refused(world: World, part: str) -> None:
    async with await world.reader() as client:
        problem_of(await client.get(f"/api/calls/{new_id()}{part}"), 404)
        for malformed in ("1", "not-a-uuid", "%00", "é", "a" * 3000):
            body = problem_of(await client.get(f"/api/calls/{malformed}{part}"), 422)
            errors = body["errors"]
            assert isinstance(errors, list)
            assert errors[0]["expected"] == "a UUID"


@pytest.mark.postgres
async def test_unknown_pages_and_wrong_methods_are_problems(world: World) -> None:
    async with await world.reader() as client:
        problem_of(await client.get("/api/nothing"), 404)
        problem_of(await client.post("/api/nothing"), 404)
        wrong = await client.delete("/api/calls")
        problem_of(wrong, 405)
        assert wrong.headers["allow"] == "GET"
        problem_of(await client.get("/livekit/nothing"), 404)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "a JSON document"),
        (b"[1]", "a JSON object"),
        (b'{"email":"a\\ud800","password":"x"}', "text in Unicode"),
        (b'{"email":"a\\u0000b","password":"x"}', "text without null characters"),
        (b'{"password":"x"}', "a value"),
        (b'{"email":"","password":"x"}', "at least 1 characters"),
        (b'{"email":["a"],"password":"x"}', "text"),
        (b'{"email":NaN,"password":"x"}', "text"),
        (b'{"email":-Infinity,"password":"x"}', "text"),
        (b'{"email":1e999,"password":"x"}', "text"),
        (b"NaN", "a JSON object"),
        (b'{"email":"x","password":"\\ud800"}', "text in Unicode"),
    ],
)
async def test_a_wrong_body_is_a_problem(world: World, content: bytes, expected: str) -> None:
    async with world.client() as client:
        answer = await client.post("/api/session", content=content, headers={"Content-Type": "application/json"})
    errors = problem_of(answer, 422)["errors"]
    assert isinstance(errors, list)
    assert errors[0]["expected"] == expected


@pytest.mark.postgres
async def test_a_body_that_is_not_text_is_a_problem(world: World) -> None:
    async with world.client() as client:
        for content in (b"\xff\xfe", b'{"email":"\xff"}', b"[" * 100_000):
            answer = await client.post("/api/session", content=content, headers={"Content-Type": "application/json"})
            assert answer.status_code in (400, 422)
            problem_of(answer, answer.status_code)


@pytest.mark.postgres
async def test_a_body_beyond_the_limit_is_refused(world: World) -> None:
    async with world.client() as client:
        huge = b'{"email":"' + b"a" * MAX_BODY_BYTES + b'"}'
        answer = await client.post("/api/session", content=huge, headers={"Content-Type": "application/json"})
        problem_of(answer, 413)

        async def in_pieces() -> AsyncIterator[bytes]:
            for _ in range(17):
                yield b"a" * (MAX_BODY_BYTES // 16)

        answer = await client.post("/api/session", content=in_pieces(), headers={"Content-Type": "application/json"})
        problem_of(answer, 413)


@pytest.mark.pure
@pytest.mark.parametrize("field", ["password", "body.new_password", "api_key", "header.Authorization", "token"])
def test_secrets_are_never_echoed(field: str) -> None:
    assert echo(field, "hunter2") is None


@pytest.mark.pure
def test_only_short_plain_values_are_echoed() -> None:
    assert echo("limit", "x" * 500) == "x" * 200
    assert echo("limit", 7) == 7
    assert echo("limit", 7.5) == 7.5
    assert echo("limit", float("nan")) == "nan"
    assert echo("limit", float("-inf")) == "-inf"
    assert echo("body", {"password": "hunter2"}) is None
    assert echo("body", b"bytes") is None


@pytest.mark.pure
async def test_a_bug_is_a_problem_that_says_nothing_of_the_inside(tmp_path: Path) -> None:
    buggy = APIRouter()

    @buggy.get("/api/bug", dependencies=[Depends(Public())])
    async def bug() -> None:
        raise RuntimeError("the secret recipe")

    app = create_app(Database("postgresql://127.0.0.1:1/none"), Settings(), [buggy], console=tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        answer = await client.get("/api/bug")
        numbers = (await client.get("/metrics")).text
    problem_of(answer, 500)
    assert "recipe" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert 'callcenter_http_requests_total{method="GET",route="/api/bug",status="500"} 1.0' in numbers


@pytest.mark.pure
async def test_without_a_database_the_answer_is_try_again(tmp_path: Path) -> None:
    app = create_app(Database("postgresql://127.0.0.1:1/none"), Settings(), console=tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        refused = await client.get("/api/calls", headers={"Authorization": "Bearer cc_x"})
        problem_of(refused, 503)
        assert refused.headers["retry-after"] == "5"
        health = await client.get("/healthz")
        assert health.status_code == 503
        assert health.json() == {"status": "unavailable", "database": False}
        assert "callcenter_database_up 0.0" in (await client.get("/metrics")).text
