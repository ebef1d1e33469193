"""Rules tried on one call: contract.md's JSON, and nothing is routed by it."""

from typing import Any

import httpx
import pytest

from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres

CALL: dict[str, Any] = {
    "to": "+15550100", "from": "+4930123456", "at": "2026-11-20T17:42:00Z", "language": None, "headers": {},
    "digits": [], "waited_seconds": 0, "attributes": {},
    "queues": {"support": {"waiting": 3, "free_seats": 0, "expected_wait_seconds": 90, "supervisors": 1}},
}  # fmt: skip
SUPPORT = {"action": "queue", "queue": "support"}
NEVER = {"zone": "Europe/Berlin", "weekly": {}}


async def tried(client: httpx.AsyncClient, which: str = "draft", **call: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/rule-sets/{which}/try", json=CALL | call)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def draft(client: httpx.AsyncClient, *rules: dict[str, Any]) -> None:
    answer = await client.put("/api/rule-sets/draft", json={"rules": rules})
    assert answer.status_code == 201, answer.text


async def test_the_answer_is_the_contracts_json_exactly(world: World) -> None:
    """Fields may be added (`then`, `remarks`), never renamed."""
    fallbacks = [
        {"after_seconds": 60, "then": {"action": "widen_skills", "drop": "all"}},
        {"after_seconds": 120, "then": {"action": "voicemail", "box": "support"}},
    ]
    queue = SUPPORT | {
        "priority": 5, "required_skills": ["billing"], "preferred_skills": ["german"], "fallbacks": fallbacks,
    }  # fmt: skip
    async with await world.reader(Role.ADMIN) as client:
        await draft(
            client,
            {"name": "VIP", "when": {"in_list": ["vip"]}, "then": SUPPORT},
            {"name": "Main line", "when": {"to": ["+15550100"]}, "then": queue},
        )
        answer = await tried(client)
    assert answer.pop("remarks") == []
    then = answer["decision"].pop("then")
    assert (then["action"], then["queue"], then["prefer_seconds"]) == ("queue", "support", 30)
    assert answer == {
        "rule_set_version": 2,
        "rule": {"position": 2, "name": "Main line"},
        "decision": {
            "action": "queue", "queue": "support", "profile": "shop", "priority": 5, "required_skills": ["billing"],
            "preferred_skills": ["german"],
            "fallbacks": [
                {"after_seconds": 60, "action": "widen_skills"}, {"after_seconds": 120, "action": "voicemail"},
            ],
        },
        "trace": [
            {"position": 1, "name": "VIP", "matched": False, "because": "the caller is not in the list 'vip'"},
            {"position": 2, "name": "Main line", "matched": True, "because": "the dialled number is +15550100"},
        ],
    }  # fmt: skip


async def test_what_waits_at_no_queue_says_none_of_its_fields(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        await draft(client, {"name": "Closed", "then": {"action": "message", "text": "We are closed."}})
        decision = (await tried(client))["decision"]
    assert decision.pop("then") == {"action": "message", "text": "We are closed.", "outcome": "completed"}
    assert decision == {
        "action": "message", "queue": None, "profile": None, "priority": 0, "required_skills": [],
        "preferred_skills": [], "fallbacks": [],
    }  # fmt: skip


async def test_without_a_rule_that_matches_the_rule_is_null_and_the_caller_is_refused(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        await draft(client, {"name": "Other", "when": {"to": ["+15550102"]}, "then": SUPPORT})
        answer = await tried(client)
    assert (answer["rule"], answer["decision"]["action"], answer["remarks"]) == (None, "message", ["no rule matched"])


async def test_published_and_older_versions_can_be_tried_by_everybody_who_reads(world: World) -> None:
    """Who sees no numbers tries a call without one: what a rule says of a number would tell who is on which list."""
    async with await world.reader(Role.VIEWER) as client:
        withheld = CALL | {"from": ""}
        live = await tried(client, "published", **withheld)
        assert live == await tried(client, "1", **withheld)
        assert live["rule"]["name"] == "Main line"
        assert (await client.post("/api/rule-sets/published/try", json=CALL)).status_code == 403
        assert (await client.post("/api/rule-sets/7/try", json=withheld)).status_code == 404
        assert (await client.post("/api/rule-sets/draft/try", json=withheld)).status_code == 404
        assert (await client.get("/api/calls")).json()["items"] == []


async def test_the_time_decides_by_the_calendars_there_are(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        office = {
            "zone": "Europe/Berlin",
            "weekly": {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        }
        assert (await client.put("/api/calendars/hours", json=office, headers={"If-None-Match": "*"})).is_success
        await draft(
            client,
            {"name": "After hours", "when": {"closed": "hours"}, "then": {"action": "voicemail", "box": "main"}},
            {"name": "Rest", "then": SUPPORT},
        )
        evening, noon = await tried(client), await tried(client, at="2026-11-20T11:00:00Z")
    assert (evening["decision"]["action"], noon["decision"]["action"]) == ("voicemail", "queue")
    assert "18:42" in evening["trace"][0]["because"]


async def test_queues_given_override_what_is_measured(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        busy = {"queue": {"name": "support", "waiting": {"at_least": 3}}}
        await draft(
            client,
            {"name": "Full", "when": busy, "then": {"action": "voicemail", "box": "main"}},
            {"name": "Rest", "then": SUPPORT},
        )
        assert (await tried(client))["rule"]["name"] == "Full"
        assert (await tried(client, queues={}))["rule"]["name"] == "Rest"
        assert (await tried(client, queues={"support": {"free_seats": 2}}))["rule"]["name"] == "Rest"


async def test_what_is_given_of_the_caller_counts_beside_what_is_kept(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        kept = {"attributes": {"tier": "gold"}}
        assert (await client.put("/api/callers/+4930123456", json=kept, headers={"If-None-Match": "*"})).is_success
        await draft(
            client,
            {"name": "New", "when": {"attribute": {"segment": ["new"], "tier": ["gold"]}}, "then": SUPPORT},
            {"name": "Known", "when": {"attribute": {"tier": ["gold"]}}, "then": SUPPORT},
            {"name": "Listed", "when": {"in_list": ["vip"]}, "then": SUPPORT},
            {"name": "Again", "when": {"last_queue": ["support"], "open_call_back": True}, "then": SUPPORT},
            {"name": "Rest", "then": SUPPORT},
        )
        assert (await tried(client))["rule"]["name"] == "Known"
        assert (await tried(client, attributes={"segment": "new"}))["rule"]["name"] == "New"
        stranger = {"from": "+4930999"}
        assert (await tried(client, **stranger))["rule"]["name"] == "Rest"
        assert (await tried(client, **stranger, lists=["vip"]))["rule"]["name"] == "Listed"
        back = await tried(client, **stranger, last_queue="support", open_call_back=True)
        assert back["rule"]["name"] == "Again"


async def test_digits_headers_and_language_are_taken_from_the_request(world: World) -> None:
    menu = {"action": "menu", "prompt": "Press one.", "options": {"1": {"name": "orders", "then": SUPPORT}},
            "otherwise": {"action": "reject"}}  # fmt: skip
    async with await world.reader(Role.ADMIN) as client:
        await draft(
            client,
            {"name": "Partner", "when": {"header": {"X-Partner": ["acme"]}}, "then": SUPPORT},
            {"name": "German", "when": {"language": ["de"]}, "then": SUPPORT},
            {"name": "Menu", "then": menu},
        )
        assert (await tried(client))["decision"]["action"] == "menu"
        assert (await tried(client, digits=["1"]))["decision"]["queue"] == "support"
        assert (await tried(client, headers={"X-PARTNER": "acme"}))["rule"]["name"] == "Partner"
        assert (await tried(client, language="de-AT"))["rule"]["name"] == "German"


async def test_a_call_that_is_none_is_refused_with_the_field(world: World) -> None:
    async with await world.reader() as client:
        for wrong, field in (
            ({"at": "2026-11-20T17:42:00"}, "at"), ({"digits": ["12"]}, "digits.0"), ({"whom": "x"}, "whom"),
            ({"queues": {"support": {"waiting": -1}}}, "queues.support.waiting"), ({"to": "\x00"}, "to"),
        ):  # fmt: skip
            answer = await client.post("/api/rule-sets/published/try", json=CALL | wrong)
            assert answer.status_code == 422, wrong
            assert [error["field"] for error in answer.json()["errors"]] == [field]
