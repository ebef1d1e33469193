"""What docs/routing.md shows an admin to copy works, as it is written there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from callcenter.platform.api.app import create_app
from callcenter.platform.entrypoints import setup
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings
from callcenter.setup.audit.rules import command
from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text()
SECTION = PAGE.split("## Calendars, lists, known callers\n", 1)[1].split("\n## ", 1)[0]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)


def written(language: str) -> list[str]:
    return [text for found, text in BLOCKS if found == language]


def test_every_example_is_one_that_these_tests_try() -> None:
    assert {language for language, _ in BLOCKS} == {"yaml", "http", "json"}
    assert (len(written("yaml")), len(written("http")), len(written("json"))) == (3, 5, 1)


async def test_the_files_are_entered_and_the_requests_are_answered_in_their_order(company_database_url: str) -> None:
    database = Database(company_database_url, pool_size=2)
    world = World(create_app(database, Settings(database_url=company_database_url)), database)
    async with database.transaction() as tx:
        for text in written("yaml"):
            await setup.apply(tx, yaml.safe_load(text), command("a test"))
    etag, answers = "", []
    async with await world.reader(Role.ADMIN) as admin:
        for text in written("http"):
            method, path, headers, body = request(text.replace('"ETAG"', etag))
            answer = await admin.request(method, path, headers=headers, json=body)
            assert answer.is_success, (text, answer.text)
            etag = answer.headers.get("etag", etag)
            answers.append(answer)
    assert answers[0].json() == json.loads(written("json")[0])
    assert [entry["change"] for entry in answers[-1].json()["items"]] == ["deleted", "changed", "created"]
    await database.close()


def request(text: str) -> tuple[str, str, dict[str, str], Any]:
    head, _, body = text.partition("\n\n")
    first, *rest = head.strip().splitlines()
    method, path = first.split()
    return method, path, dict(line.split(": ", 1) for line in rest), json.loads(body) if body.strip() else None
