"""What docs/routing.md says of versions, try and replay is so, as it is written there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from callcenter.setup.rule_sets.rules import RuleSetBody
from callcenter.setup.users.model import Role
from callcenter.stages.routing.facts import Facts
from callcenter.stages.routing.fields import Calendars
from tests.platform.api.world import World
from tests.stages.routing import past

pytestmark = pytest.mark.postgres

PAGE = (Path(__file__).parents[3] / "docs" / "routing.md").read_text()
SECTION = PAGE.split("\n## Versions, try, replay\n", 1)[1].split("\n## ", 1)[0]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
TO_SUPPORT = RuleSetBody.model_validate({"rules": [{"name": "All", "then": {"action": "queue", "queue": "support"}}]})


def request(text: str) -> tuple[str, str, dict[str, str], Any]:
    head, _, body = text.partition("\n\n")
    first, *rest = head.strip().splitlines()
    method, path = first.split()
    return method, path, dict(line.split(": ", 1) for line in rest), json.loads(body) if body.strip() else None


async def test_the_requests_are_answered_in_their_order_as_the_page_says(world: World) -> None:
    (step,) = [json.loads(text) for language, text in BLOCKS if language == "json"]
    (said,) = re.findall(r"`(support → voicemail support): (\d+)`", SECTION)
    night = past.BEGAN.replace(hour=1)
    await past.store(world.database, past.routed(TO_SUPPORT, evenings(int(said[1]), night), Calendars({})))
    answers: dict[str, dict[str, Any]] = {}
    async with await world.reader(Role.ADMIN) as admin:
        etag = ""
        for text in [text for language, text in BLOCKS if language == "http"]:
            method, path, headers, body = request(text.replace('"ETAG"', etag))
            answer = await admin.request(method, path, headers=headers, json=body)
            assert answer.is_success, (text, answer.text)
            etag = answer.headers.get("etag", etag)
            answers[path.partition("?")[0].rpartition("/")[2]] = answer.json()
    assert answers["validate"] == {"valid": True, "errors": []}
    assert answers["try"]["trace"] == [step]
    assert [count["words"] for count in answers["replay"]["counts"]] == [": ".join(said)]
    assert {"counts", "items", "adjusted", "gaps"} <= answers["replay"].keys()
    assert (answers["publish"]["version"], answers["roll-back"]["version"]) == (2, 1)
    assert answers["compare"]["differences"]


def evenings(count: int, at: Any) -> list[Facts]:
    return [
        Facts(to="+15550100", from_="+4930111", entered=True, call_id=f"{number:032x}", at=at)
        for number in range(count)
    ]
