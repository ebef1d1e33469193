"""What an editor asks about rules that are kept nowhere yet."""

from typing import Any

import pytest

from callcenter.setup.users.model import Role
from tests.platform.api.world import World

pytestmark = pytest.mark.postgres

SUPPORT = {"action": "queue", "queue": "support"}


def rule(name: str, then: dict[str, Any] = SUPPORT, **when: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "then": then}


async def test_everything_that_rules_may_name_is_listed_for_who_may_read_the_set_up(world: World) -> None:
    async with await world.reader(Role.VIEWER) as client:
        names = (await client.get("/api/rule-sets/names")).json()
    assert "support" in names["queues"]
    assert {"office", "never"} <= set(names["calendars"])
    assert names["numbers"]["+15550100"] == "Main line"
    assert "back-office" in names["skills"]
    assert {"profiles", "caller_lists", "sounds", "trunks"} <= names.keys()


async def test_unsaved_rules_are_judged_and_compared_with_the_published_ones_and_stay_unsaved(world: World) -> None:
    async with await world.reader(Role.ANALYST) as client:
        unsaved = {"rules": [rule("Nowhere", SUPPORT | {"queue": "supprt"}), rule("Never reached")]}
        checked = (await client.post("/api/rule-sets/check", json=unsaved)).json()
        assert not checked["valid"]
        assert {"rules.0.then.queue", "rules.1"} <= {error["field"] for error in checked["errors"]}
        words = [difference["words"] for difference in checked["differences"]]
        assert any("'Nowhere' is new" in said for said in words)
        assert any("was removed" in said for said in words)
        assert (await client.get("/api/rule-sets/draft")).status_code == 404


async def test_a_mistake_in_their_shape_is_an_answer_too_and_no_refusal(world: World) -> None:
    async with await world.reader(Role.ANALYST) as client:
        answer = await client.post("/api/rule-sets/check", json={"rules": [rule("", weekday={"days": []})]})
        assert answer.status_code == 200
        assert answer.json()["differences"] is None
        fields = {error["field"] for error in answer.json()["errors"]}
        assert {"rules.0.name", "rules.0.when.weekday.days", "rules.0.when.weekday.zone"} <= fields


async def test_two_sets_of_rules_are_compared_in_words(world: World) -> None:
    unsaved = {"rules": [rule("All", SUPPORT | {"priority": 10})], "before": [rule("All")]}
    async with await world.reader(Role.ANALYST) as client:
        checked = (await client.post("/api/rule-sets/check", json=unsaved)).json()
    assert [d["words"] for d in checked["differences"]] == ["rule 1 'All': priority 0 → 10"]


async def test_unsaved_rules_are_tried_on_a_call(world: World) -> None:
    tried = {"rules": [rule("Main", to=["+15550100"]), rule("Rest")], "call": {"to": "+15550100"}}
    async with await world.reader(Role.VIEWER) as client:
        trial = (await client.post("/api/rule-sets/try", json=tried)).json()
        assert trial["rule"] == {"position": 1, "name": "Main"}
        assert trial["trace"][0]["because"] == "the dialled number is +15550100"
        wrong = await client.post("/api/rule-sets/try", json=tried | {"rules": [{"name": "Main"}]})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "rules.0.then"


async def test_who_only_reads_the_set_up_has_nothing_judged_for_it_costs_seconds_of_a_core(world: World) -> None:
    async with await world.reader(Role.VIEWER) as client:
        assert (await client.post("/api/rule-sets/check", json={"rules": []})).status_code == 403
