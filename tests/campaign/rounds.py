"""One round: callers at once, one fault, everybody hangs up, the histories are gathered."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import psycopg

from tests.campaign.faults import inflict, restore
from tests.campaign.ground import Ground
from tests.campaign.history import CallHistory, FaultHistory, Offer, Stored
from tests.campaign.phrases import questions
from tests.campaign.plan import NONE, RoundPlan
from tests.campaign.script import Caller

MOMENT_SECONDS = 14.0
SETTLE_SECONDS = 7.0
DISTURBED_SECONDS = 10.0
LAG_STEP_SECONDS = 0.05
OFFERS = """
    SELECT id::text, kind, worker, state, seat_id, offered_at, accepted_at, ended_at, released_at
      FROM offers WHERE call_id = %s::text::uuid ORDER BY offered_at, id
"""


@dataclass
class Played:
    """What a round left behind. `counts` are the invariants' violations so far, by name, with examples; `lag` is the
    longest the phones' own process was held up, seconds: a machine that lags measures itself."""

    plan: RoundPlan
    fault: FaultHistory
    callers: list[Caller]
    calls: list[CallHistory]
    counts: dict[str, tuple[int, list[str]]]
    sick: list[str]
    lag: float


async def play(ground: Ground, plan: RoundPlan, lengths: dict[str, float]) -> Played:
    """The round, to the end. Its phones' troubles are in their histories; nothing of the product makes it raise."""
    fault = FaultHistory(plan.fault, time.time(), float("inf") if plan.fault != NONE else time.time())
    fault.hit = plan.fault != NONE

    def disturbed(since: float) -> bool:
        now = time.monotonic()
        ended = now + fault.ended_at - time.time()
        return fault.hit and fault.started_at <= time.time() and ended + DISTURBED_SECONDS > since

    asked = questions()
    callers = [
        Caller(
            s,
            ground.stack.sip,
            f"+1555123{plan.index % 1000:03}{n}",
            tuple(asked[i] for i in s.questions),
            lengths,
            disturbed,
        )
        for n, s in enumerate(plan.scripts)
    ]
    seen = len(ground.webhooks.hooks)
    breaking = asyncio.create_task(_break(ground, plan, callers[0], fault))
    lags: list[float] = [0.0]
    watching = asyncio.create_task(_watch_lag(lags))
    try:
        await asyncio.gather(*(caller.live() for caller in callers))
        await breaking
    finally:
        breaking.cancel()
        watching.cancel()
        await restore(ground)
    if fault.name.startswith("webhooks"):
        fault.ended_at = time.time()
    stored = await _settled(ground, callers)
    hooks = ground.webhooks.hooks[seen:]
    calls = []
    for caller, one in zip(callers, stored, strict=True):
        own = {hook.room for hook in hooks if hook.sip_call_id == caller.history.sip_call_id}
        calls.append(CallHistory(caller.history, [hook for hook in hooks if hook.room in own], one))
    return Played(plan, fault, callers, calls, await invariants(ground), await ground.healthy(), max(lags))


async def _watch_lag(lags: list[float]) -> None:
    """How late this process wakes up, again and again."""
    while True:
        due = time.monotonic() + LAG_STEP_SECONDS
        await asyncio.sleep(LAG_STEP_SECONDS)
        lags.append(time.monotonic() - due)


async def _break(ground: Ground, plan: RoundPlan, first: Caller, fault: FaultHistory) -> None:
    """Wait for the moment, then do it."""
    if plan.fault == NONE:
        return
    fault.started_at, fault.hit = float("inf"), True
    if not plan.fault.startswith("webhooks"):
        if plan.moment != "any":
            moment = asyncio.create_task(first.reaches(plan.moment))
            over = asyncio.create_task(first.reaches("over"))
            await asyncio.wait((moment, over), timeout=MOMENT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            moment.cancel()
            over.cancel()
        await asyncio.sleep(plan.wait)

    async def target() -> str:
        found = await _records(ground, first.history.sip_call_id)
        return str(found[0]["id"]) if found else ""

    fault.started_at = time.time()
    try:
        await inflict(ground, plan, target, fault)
    except (OSError, httpx.HTTPError, psycopg.Error) as error:
        fault.ended_at, fault.hit = time.time(), False
        fault.note = f"{type(error).__name__}: {error}"


async def _settled(ground: Ground, callers: list[Caller]) -> list[Stored]:
    """Look until every call has ended and every seat is free, for a few seconds after the last phone's end."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        late = time.monotonic() > deadline
        try:
            found = [await _stored(ground, caller.history.sip_call_id) for caller in callers]
        except (httpx.HTTPError, psycopg.Error, KeyError, ValueError):
            if time.monotonic() > deadline + 3 * SETTLE_SECONDS:
                raise
            await asyncio.sleep(0.5)
            continue
        if late or all(_is_over(one) for one in found):
            return found
        await asyncio.sleep(0.4)


def _is_over(stored: Stored) -> bool:
    ended = all(record["state"] == "ended" for record in stored.records)
    return bool(stored.records) and ended and all(offer.released_at is not None for offer in stored.offers)


async def _records(ground: Ground, sip_call_id: str) -> list[dict[str, Any]]:
    if not sip_call_id:
        return []
    answer = (await ground.api.get("/api/calls", params={"sip_call_id": sip_call_id})).raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def _stored(ground: Ground, sip_call_id: str) -> Stored:
    stored = Stored(await _records(ground, sip_call_id))
    if stored.records:
        base = f"/api/calls/{stored.call_id}"
        stored.timeline = (await ground.api.get(f"{base}/timeline")).raise_for_status().json()["events"]
        stored.segments = (await ground.api.get(f"{base}/transcript")).raise_for_status().json()["segments"]
        stored.offers = [
            Offer(*row[:5], *(at.timestamp() if isinstance(at, datetime) else None for at in row[5:]))
            for row in await ground.rows(OFFERS, stored.call_id)
        ]
    return stored


async def invariants(ground: Ground) -> dict[str, tuple[int, list[str]]]:
    """`/api/health/invariants`, empty while it cannot be asked."""
    try:
        answer = (await ground.api.get("/api/health/invariants")).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return {}
    return {
        item["name"]: (int(item["violations"]), [f"{e['call_id']}: {e['detail']}" for e in item["examples"]])
        for item in answer["items"]
    }
