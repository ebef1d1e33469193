"""More callers than a small house has room for: their order, who is let in, and where those go who wait too long."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from callcenter.platform.embedded.phone.errors import CallRefused
from callcenter.platform.entrypoints.seed import SETUP
from tests.journeys.caller import Caller, Callers, until
from tests.stack import Stack

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(300)]

SEATS = 4
WAITING = 4
PATIENCE = 40.0  # what is asked here is the order, not how fast: that is asked elsewhere
VIP = "+15551239000"
SORRY = "The back office is at lunch. Goodbye."


def waits(seconds: float, then: dict[str, Any]) -> dict[str, Any]:
    """In a line that nobody serves, and what happens after so long."""
    fallbacks = [{"after_seconds": seconds, "then": then}]
    return {"action": "queue", "queue": "back_office", "fallbacks": fallbacks}


RULES = [
    {"name": "Important", "when": {"from": [VIP]}, "then": {"action": "queue", "queue": "support", "priority": 50}},
    {"name": "Lunch", "when": {"to": ["+15550102"]}, "then": waits(3, {"action": "message", "text": SORRY})},
    {"name": "Overflow", "when": {"to": ["+15550101"]}, "then": waits(3, {"action": "queue", "queue": "support"})},
]  # fmt: skip
LIMITS = {"callers": {"per": "caller", "max_calls": 2}, "house": {"per": "waiting", "max_calls": WAITING}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Four agents' seats, room for four who wait, and at most two calls of one caller."""
    directory = tmp_path_factory.mktemp("house")
    small = Stack.planned(directory / "data", CALLCENTER_AGENT_SEATS=str(SEATS), CALLCENTER_ATTENDANT_SEATS="6")
    try:
        small.up()
        rules, limits = directory / "rules.yaml", directory / "setup.yaml"
        demo = yaml.safe_load((SETUP / "demo_rules.yaml").read_text())
        others = [rule for rule in demo["rules"] if not {"+15550101", "+15550102"} & {*rule["when"].get("to", ())}]
        rules.write_text(yaml.safe_dump({"rules": [*RULES, *others]}))
        limits.write_text(yaml.safe_dump({"limits": LIMITS}))
        for arguments in (("rules", "publish", str(rules)), ("setup", "apply", str(limits))):
            done = small.run(*arguments)
            assert done.returncode == 0, done.stderr
        yield small
    finally:
        small.down()


@pytest.fixture
async def callers(house: Stack, tmp_path: Path) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {house.key('supervisor')}"}
    async with httpx.AsyncClient(base_url=house.url, headers=headers, timeout=10) as api:
        yield Callers(house, api, tmp_path)


async def line(callers: Callers, queue: str = "support") -> dict[str, Any]:
    found: dict[str, Any] = (await callers.api.get(f"/api/queues/{queue}/line")).raise_for_status().json()
    return found


def talks(record: dict[str, Any]) -> bool:
    return bool(record["lead"] == "agent" and record["state"] == "talking")


async def rings(callers: Callers, at: AsyncExitStack, number: int, **invite: Any) -> Caller:
    return await at.enter_async_context(callers.ring(from_=f"+1555100{number:04d}", **invite))


async def stands(caller: Caller) -> Caller:
    """This caller, once the call is in line: who is dialled first is not always there first."""
    await caller.until(lambda record: bool(record["queue"]))
    return caller


async def refusal(caller: Caller) -> int | None:
    """The status with which this caller was refused; None when they were answered."""
    try:
        await caller.call.answered(timeout=50)
    except CallRefused as refused:
        return refused.status
    return None


async def test_twenty_callers_on_four_seats_none_is_lost_and_those_without_room_hear_busy(callers: Callers) -> None:
    async with AsyncExitStack() as phones:
        some = [await rings(callers, phones, number) for number in range(20)]
        busy = await asyncio.gather(*(refusal(caller) for caller in some))
        records = [await caller.record() for caller in some]
        refused = [record for record in records if record["outcome"] == "refused"]
        waiting = (await line(callers))["figures"]["waiting"]
    assert busy == [486 if record["outcome"] == "refused" else None for record in records], (
        "I1: one record, one outcome each"
    )
    assert len(refused) >= 20 - SEATS - WAITING
    assert waiting <= WAITING
    assert {record["routing"]["trace"][-1].split(":")[0] for record in refused} == {"limit 'house'"}


async def test_a_full_house_serves_in_order_but_priority_overtakes(callers: Callers) -> None:
    await until(lambda: line(callers), lambda found: found["figures"]["free_seats"] == SEATS, timeout=30)
    async with AsyncExitStack() as phones:
        talking = [await rings(callers, phones, number) for number in range(100, 100 + SEATS)]
        for caller in talking:
            await caller.until(talks, timeout=PATIENCE)
        behind = [await stands(await rings(callers, phones, number)) for number in (200, 201)]
        important = await stands(await phones.enter_async_context(callers.ring(from_=VIP)))
        expected = [(await caller.record())["id"] for caller in (important, *behind)]
        seen = await until(lambda: line(callers), lambda found: len(found["items"]) == 3)
        assert [(one["position"], one["call_id"]) for one in seen["items"]] == list(enumerate(expected, start=1))
        for caller in (important, *behind):  # a call that somebody else works on is passed over for a moment
            await caller.until(lambda found: (found["lead"], found["state"]) == ("attendant", "waiting"), PATIENCE)
        for leaves, comes in zip(talking, (important, *behind), strict=False):
            await leaves.call.hang_up()
            await comes.until(talks, timeout=PATIENCE)


async def test_who_waits_too_long_goes_on_to_another_queue_or_hears_a_message(callers: Callers) -> None:
    async with callers.ring("+15550101", "+15551000300") as on, callers.ring("+15550102", "+15551000301") as told:
        before = await on.until(lambda record: bool(record["queue"]))
        await on.until(lambda record: talks(record) and record["queue"] == "support", timeout=20)
        await told.call.ended(timeout=30)
        record = await told.until(lambda found: found["state"] == "ended")
        said = [segment["text"] for segment in await told.transcript()]
        moved = [event["data"] for event in await on.timeline() if event["type"] == "call_overflowed"]
    assert before["queue"] == "back_office"
    assert moved == [{"after_seconds": 3.0, "then": "queue", "queue": "back_office"}]
    assert (record["outcome"], SORRY in said) == ("completed", True)


async def test_a_third_call_of_one_caller_hears_busy(callers: Callers) -> None:
    async with callers.ring() as first, callers.ring() as second, callers.ring() as third:
        all_three = (first, second, third)
        statuses = await asyncio.gather(*(refusal(caller) for caller in all_three))
        (refused,) = (caller for caller, status in zip(all_three, statuses, strict=True) if status == 486)
        record = await refused.record()
    assert statuses.count(None) == 2
    assert record["routing"]["trace"][-1].startswith("limit 'callers': there are 2 other calls")
