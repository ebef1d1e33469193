"""Replay: a draft over the calls of a period, with the facts they were routed by; every change counted and listed."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.calendars.rules import CalendarBody
from callcenter.setup.rule_sets.rules import RuleSetBody
from callcenter.setup.users.model import Role
from callcenter.stages.routing import store as replays
from callcenter.stages.routing.facts import Facts
from callcenter.stages.routing.fields import Calendars
from tests.journey.company import open_company
from tests.platform.api.world import World
from tests.stages.routing import past

pytestmark = pytest.mark.postgres

SUPPORT = {"action": "queue", "queue": "support"}
VOICEMAIL = {"action": "voicemail", "box": "main"}
OFFICE = {"zone": "Europe/Berlin", "weekly": {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
ALL_TO_SUPPORT = RuleSetBody.model_validate({"rules": [{"name": "All", "then": SUPPORT}]})
NO_CALENDARS = Calendars({})
MANY = 100_000
PAUSE_SECONDS = 1.5  # a desk that does not beat for two is suspect; alone on a core it is 0.2
MANY_SECONDS = 60  # the goal is 10 s; what CI's two shared cores take is reported, not judged so closely


def rule(name: str, then: dict[str, Any], **when: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "then": then}


def a_call(minutes: int = 0, from_: str = "+15551110001", **known: Any) -> Facts:
    at = past.BEGAN + timedelta(minutes=minutes)
    return Facts(to="+15550100", from_=from_, entered=True, call_id=new_id(), at=at, **known)


async def remember(world: World, *calls: Facts, rules: RuleSetBody = ALL_TO_SUPPORT) -> None:
    await past.store(world.database, past.routed(rules, calls, NO_CALENDARS))


async def replay(client: httpx.AsyncClient, *rules: dict[str, Any], **query: Any) -> dict[str, Any]:
    """A draft of these rules over October."""
    draft = await client.put("/api/rule-sets/draft", json={"rules": rules}, headers=await _matching(client))
    assert draft.is_success, draft.text
    answer = await client.post("/api/rule-sets/draft/replay", json=past.PERIOD, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _matching(client: httpx.AsyncClient) -> dict[str, str]:
    draft = await client.get("/api/rule-sets/draft")
    return {"If-Match": draft.headers["etag"]} if draft.is_success else {}


async def test_a_draft_that_decides_the_same_changes_nothing(world: World) -> None:
    await remember(world, a_call(1), a_call(2))
    async with await world.reader(Role.ADMIN) as client:
        found = await replay(client, rule("Everybody", SUPPORT))
    assert (found["calls"], found["changed"], found["adjusted"], found["counts"], found["items"]) == (2, 0, 0, [], [])


async def test_changes_are_counted_in_words_and_every_call_of_them_is_listed(world: World) -> None:
    german, american = a_call(2, "+4930111"), a_call(1, "+15551110001")
    await remember(world, german, american, a_call(3, "+4930222"))
    async with await world.reader(Role.ADMIN) as reader, await world.reader(Role.ADMIN) as client:
        await replay(client, rule("Germans", VOICEMAIL, from_prefix=["+49"]), rule("Rest", SUPPORT))
        found = (await reader.post("/api/rule-sets/draft/replay", json=past.PERIOD)).json()
    assert [count["words"] for count in found["counts"]] == ["support → voicemail main: 2"]
    assert (found["calls"], found["changed"], found["next_cursor"]) == (3, 2, None)
    assert found["items"][0] == {
        "call_id": german.call_id, "arrived_at": "2026-10-01T00:02:00Z", "from": "+4930111", "to": "+15550100",
        "change": 0, "before": "support", "after": "voicemail main", "rule": "Germans",
    }  # fmt: skip
    assert [item["from"] for item in found["items"]] == ["+4930111", "+4930222"]


async def test_the_same_place_on_other_terms_is_told_apart_from_another_place(world: World) -> None:
    await remember(world, a_call(1))
    async with await world.reader(Role.ADMIN) as client:
        found = await replay(client, rule("All", SUPPORT | {"priority": 10}))
        assert [count["words"] for count in found["counts"]] == ["support: standard → support: priority 10: 1"]
        assert (found["changed"], found["adjusted"], found["items"]) == (0, 1, [])
        of_change = await client.get(f"/api/rule-sets/replays/{found['id']}?change=0")
        assert [item["rule"] for item in of_change.json()["items"]] == ["All"]


async def test_only_calls_of_the_period_that_rules_have_routed_are_replayed(world: World) -> None:
    outside = a_call(-1), a_call(31 * 24 * 60)
    await remember(world, *outside, a_call(0))
    await world.ended_call(arrived_at=past.BEGAN)  # refused before rules were asked: it has no trace
    await world.ended_call(arrived_at=past.BEGAN, direction="outbound", trace=["dialled"])
    async with await world.reader(Role.ADMIN) as client:
        found = await replay(client, rule("All", VOICEMAIL))
    assert (found["calls"], found["changed"]) == (1, 1)


async def test_the_facts_are_those_of_then_not_of_now(world: World) -> None:
    """Whoever was a gold customer when the call came in is one in the replay, whatever is kept of them now."""
    asked = RuleSetBody.model_validate(
        {"rules": [rule("Gold", SUPPORT, attribute={"tier": ["gold"]}), rule("Rest", SUPPORT)]}
    )
    was, was_not = a_call(1, "+4930111", attributes={"tier": "gold"}), a_call(2, "+4930222")
    await remember(world, was, was_not, rules=asked)
    async with await world.reader(Role.ADMIN) as client:
        new = {"attributes": {"tier": "gold"}}
        await client.put("/api/callers/+4930222", json=new, headers={"If-None-Match": "*"})
        found = await replay(client, rule("Gold", VOICEMAIL, attribute={"tier": ["gold"]}), rule("Rest", SUPPORT))
    assert [item["from"] for item in found["items"]] == ["+4930111"]
    assert found["gaps"] == []


async def test_what_was_not_looked_up_then_is_taken_as_it_is_now_and_said(world: World) -> None:
    await remember(world, a_call(1, "+4930111"), a_call(2, "+4930222"), a_call(3, ""))
    async with await world.reader(Role.ADMIN) as client:
        vip = {"entries": [{"prefix": "+49301"}]}
        assert (await client.put("/api/caller-lists/vip", json=vip, headers={"If-None-Match": "*"})).is_success
        found = await replay(
            client, rule("VIP", VOICEMAIL, in_list=["vip"]), rule("Again", VOICEMAIL, last_queue=["support"]),
            rule("Rest", SUPPORT),
        )  # fmt: skip
    assert [item["from"] for item in found["items"]] == ["+4930111"]
    assert [(gap["fact"], gap["calls"], gap["words"].rpartition(": ")[2]) for gap in found["gaps"]] == [
        ("in_list", 3, "taken as it is now"), ("last_queue", 3, "taken as unknown"),
    ]  # fmt: skip


async def test_calls_from_before_facts_were_kept_are_replayed_with_what_is_known(world: World) -> None:
    old = {"arrived_at": past.BEGAN, "trace": ["rule 1 matched"], "to_number": "+15550100"}
    await world.ended_call(**old, queue="support", from_number="+4930111")
    await world.ended_call(**old, from_number="+4930222")  # without a queue: a message was all there was then
    async with await world.reader(Role.ADMIN) as client:
        found = await replay(client, rule("Known", SUPPORT | {"priority": 3}, entered=True), rule("Rest", VOICEMAIL))
    assert [count["words"] for count in found["counts"]] == ["message → support: 1"]
    assert [(gap["fact"], gap["calls"]) for gap in found["gaps"]] == [("entered", 2)]


async def test_a_menu_is_walked_with_the_keys_that_were_pressed(world: World) -> None:
    menu = {"action": "menu", "prompt": "One?", "options": {"1": {"name": "orders", "then": VOICEMAIL}},
            "otherwise": SUPPORT}  # fmt: skip
    await remember(world, a_call(1, digits=("1",)), a_call(2))
    async with await world.reader(Role.ADMIN) as client:
        found = await replay(client, rule("Menu", menu))
    assert [item["after"] for item in found["items"]] == ["voicemail main", "menu"]


async def test_what_the_journey_keeps_of_a_call_is_what_its_replay_decides_by(
    world: World, company_database_url: str
) -> None:
    """Published rules that ask for everything are replayed over calls that were routed by them: nothing changes."""
    async with await world.reader(Role.ADMIN) as client:
        await client.put("/api/calendars/hours", json=OFFICE, headers={"If-None-Match": "*"})
        await client.put("/api/caller-lists/vip", json={"entries": [{"prefix": "+49"}]}, headers={"If-None-Match": "*"})
        everything = [
            rule("VIP", SUPPORT | {"priority": 9}, in_list=["vip"], open="hours"),
            rule("Gold", VOICEMAIL, attribute={"tier": ["gold"]}, header={"X-A": ["*"]}),
            rule("Busy", VOICEMAIL, queue={"name": "support", "waiting": {"at_least": 2}}),
            rule("Half", SUPPORT, share={"percent": 50, "of": "trial"}, last_queue=["support"]),
            rule("Known", {"action": "message", "text": "Hello."}, entered=True, language=["de"]),
            rule("Rest", SUPPORT),
        ]
        draft = await client.put("/api/rule-sets/draft", json={"rules": everything})
        live = await client.post("/api/rule-sets/draft/publish", headers={"If-Match": draft.headers["etag"]})
        assert live.status_code == 200, live.text
        async with open_company(company_database_url) as company:
            for number in range(12):
                await company.call(from_=f"+{49 if number % 2 else 1}555123000{number % 4}")
        period = {"from": "2020-01-01T00:00:00Z", "to": "2120-01-01T00:00:00Z"}
        found = (await client.post("/api/rule-sets/published/replay", json=period)).json()
    assert (found["calls"], found["counts"], found["gaps"]) == (12, [], [])


async def test_pages_agree_with_one_another_even_when_draft_and_calls_change_in_between(world: World) -> None:
    calls = [a_call(minute) for minute in range(7)]
    await remember(world, *calls)
    async with await world.reader(Role.ADMIN) as client:
        page = await replay(client, rule("All", VOICEMAIL), limit=3)
        await replay(client, rule("All", {"action": "reject"}))
        await remember(world, a_call(3))
        await world.run("DELETE FROM calls WHERE id = :id", id=calls[5].call_id)
        seen = page["items"]
        while page["next_cursor"]:
            query = {"limit": 3, "cursor": page["next_cursor"]}
            page = (await client.get(f"/api/rule-sets/replays/{page['id']}", params=query)).json()
            seen += page["items"]
    assert [item["call_id"] for item in seen] == [call.call_id for call in calls]
    assert {item["after"] for item in seen} == {"voicemail main"}
    assert [item["arrived_at"] is None for item in seen].index(True) == 5


async def test_a_replay_that_makes_no_sense_or_is_not_there_says_so(world: World) -> None:
    async with await world.reader(Role.ADMIN) as client:
        turned = {"from": past.PERIOD["to"], "to": past.PERIOD["from"]}
        answer = await client.post("/api/rule-sets/published/replay", json=turned)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "to")
        assert (await client.post("/api/rule-sets/draft/replay", json=past.PERIOD)).status_code == 404
        assert (await client.get(f"/api/rule-sets/replays/{new_id()}")).status_code == 404
    for role in (Role.SUPERVISOR, Role.VIEWER):
        async with await world.reader(role) as client:
            assert (await client.post("/api/rule-sets/published/replay", json=past.PERIOD)).status_code == 403


async def test_one_replay_runs_at_a_time_and_others_are_told_to_wait(world: World) -> None:
    async with world.database.transaction() as tx, await world.reader(Role.ADMIN) as client:
        assert await replays.only_replay(tx)
        answer = await client.post("/api/rule-sets/published/replay", json=past.PERIOD)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")


async def test_replays_are_forgotten_after_a_day_with_their_calls(world: World) -> None:
    await remember(world, a_call())
    async with await world.reader(Role.ADMIN) as client:
        await replay(client, rule("All", VOICEMAIL))
        await world.run("UPDATE rule_set_replays SET created_at = created_at - interval '25 hours'")
        fresh = await replay(client, rule("All", VOICEMAIL))
        async with world.database.transaction() as tx:
            assert await replays.forget_old(tx) == 1
        assert (await client.get(f"/api/rule-sets/replays/{fresh['id']}")).json()["changed"] == 1
    assert await world.run("DELETE FROM rule_set_replayed_calls") == 1


async def test_of_each_person_the_latest_three_replays_are_kept(world: World) -> None:
    await remember(world, a_call())
    async with await world.reader(Role.ADMIN) as client, await world.reader(Role.ANALYST) as other:
        others = await replay(client, rule("All", VOICEMAIL))
        made = [(await other.post("/api/rule-sets/draft/replay", json=past.PERIOD)).json()["id"] for _ in range(4)]
        there = [(await other.get(f"/api/rule-sets/replays/{each}")).status_code for each in (*made, others["id"])]
    assert there == [404, 200, 200, 200, 200]
    assert await world.run("DELETE FROM rule_set_replayed_calls") == 4


async def test_a_hundred_thousand_calls_are_replayed_in_seconds_and_nobody_else_waits(
    world: World, record_property: Any
) -> None:
    """Beside the replay the event loop goes on: the same process answers agents' desks."""
    asked = RuleSetBody.model_validate(
        {"rules": [rule("Gold", SUPPORT, attribute={"tier": ["gold"]}), rule("Rest", SUPPORT)]}
    )
    office = Calendars({"office": CalendarBody.model_validate(OFFICE)})
    await past.store(world.database, past.routed(asked, past.callers(MANY), office))
    async with await world.reader(Role.ADMIN) as client:
        await client.put("/api/calendars/hours", json=OFFICE, headers={"If-None-Match": "*"})
        watch = asyncio.create_task(_longest_pause())
        began, burnt = time.monotonic(), time.process_time()
        found = await replay(
            client,
            rule("Gold", SUPPORT | {"priority": 10}, attribute={"tier": ["gold"]}),
            rule("After hours", VOICEMAIL, closed="hours"),
            rule("Trial", {"action": "queue", "queue": "back_office"}, share={"percent": 10, "of": "trial"}),
            rule("Abroad", {"action": "call_back", "queue": "support"}, from_country=["DE"]),
            rule("Rest", SUPPORT),
        )  # fmt: skip
        took, burnt = time.monotonic() - began, time.process_time() - burnt
        watch.cancel()
    pause = await watch
    record_property("seconds", round(took, 2))
    print(f"{MANY} calls: {took:.1f} s, {burnt:.1f} s of this process, longest pause {pause * 1000:.0f} ms")
    assert found["calls"] == MANY
    assert (found["changed"], found["adjusted"]) == (sum(_elsewhere(found)), 10_000)
    assert len(found["items"]) == 100
    assert took < MANY_SECONDS
    assert pause < PAUSE_SECONDS


def _elsewhere(found: dict[str, Any]) -> list[int]:
    return [count["calls"] for count in found["counts"] if count["kind"] == "destination"]


async def _longest_pause() -> float:
    """For how long at most the event loop did not come back to somebody who was ready, in seconds of this process' own
    work: what others on the machine take is not its doing."""
    longest, last = 0.0, time.process_time()
    try:
        while True:
            await asyncio.sleep(0.002)
            now = time.process_time()
            longest, last = max(longest, now - last), now
    except asyncio.CancelledError:
        return longest
