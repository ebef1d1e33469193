"""How each fault is done: by pid, by a door, or by a word to Postgres."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psutil

from tests.campaign.ground import Ground
from tests.campaign.history import FaultHistory
from tests.campaign.plan import NONE, RoundPlan

DESK_CUT_SECONDS = 10.0
SEARCH_SECONDS = 6.0
BACK_SECONDS = 20.0

Break = Callable[[Ground, RoundPlan, str, FaultHistory], Awaitable[None]]


class Miss(Exception):
    """There was nothing to break at that moment."""


async def inflict(ground: Ground, plan: RoundPlan, target: Callable[[], Awaitable[str]], note: FaultHistory) -> None:
    """Do the round's fault and undo what must be undone; `note` says from when to when, and whom it touched.

    `target` finds the id of the chosen call's record, empty when there is none (yet).
    """
    if plan.fault == NONE:
        return
    kind = plan.fault.split()[0]
    call_id = await target() if kind in ("job", "worker", "attendant") else ""
    try:
        await _BREAKS[kind](ground, plan, call_id, note)
    except (Miss, ProcessLookupError, psutil.NoSuchProcess) as error:
        note.hit, note.note = False, str(error) or "the process was gone already"
    note.ended_at = time.time()


async def _job(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    """The agent's job of the chosen call, or of any call."""
    deadline = time.monotonic() + SEARCH_SECONDS
    while True:
        jobs = [job for part in await ground.parts("agent") for job in part["jobs"] if job["pid"]]
        mine = [job for job in jobs if job["call_id"] == call_id]
        if mine or (jobs and time.monotonic() > deadline - 3):
            break
        if time.monotonic() > deadline:
            raise Miss("no job was there")
        await asyncio.sleep(0.1)
    job = (mine or jobs)[0]
    note.touched, note.note = [job["call_id"]], f"job pid {job['pid']} of call {job['call_id']}"
    await _signal(int(job["pid"]), plan, note)


async def _worker(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    await _seated("agent", ground, plan, call_id, note)


async def _attendant(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    await _seated("attendant", ground, plan, call_id, note)


async def _seated(name: str, ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    """The process with the chosen call, or else with most calls; all its calls are touched."""
    parts = await ground.parts(name)
    if not parts:
        raise Miss(f"no {name} was there")
    ids = [[job["call_id"] for job in part["jobs"]] for part in parts]
    chosen = max(range(len(parts)), key=lambda i: (call_id in ids[i], len(ids[i])))
    note.touched, note.note = ids[chosen], f"{name} {parts[chosen]['replica']}, calls {ids[chosen]}"
    await _signal(int(parts[chosen]["pid"]), plan, note)


async def _router(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    await _any("router", ground, plan, note)


async def _api(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    await _any("api", ground, plan, note)


async def _any(name: str, ground: Ground, plan: RoundPlan, note: FaultHistory) -> None:
    parts = await ground.parts(name)
    if not parts:
        raise Miss(f"no {name} was there")
    part = parts[int(plan.chance * len(parts))]
    note.note = f"{name} {part['replica']}"
    await _signal(int(part["pid"]), plan, note)
    if plan.fault.endswith("killed"):
        await _back(ground, name, int(part["pid"]))


async def _signal(pid: int, plan: RoundPlan, note: FaultHistory) -> None:
    note.started_at = time.time()
    if plan.fault.endswith("killed"):
        os.kill(pid, signal.SIGKILL)
        return
    note.note += f", for {plan.seconds:.1f} s"
    frozen = psutil.Process(pid)
    frozen.suspend()
    try:
        until = time.monotonic() + plan.seconds
        while time.monotonic() < until and frozen.is_running():  # it may be killed by whoever misses it
            await asyncio.sleep(0.1)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            frozen.resume()


async def _postgres(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    note.started_at = time.time()
    if plan.fault.endswith("cut"):
        cut = await ground.rows(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        note.note = f"{cut[0][0]} connections"
        return
    await _restart("postgres", signal.SIGINT, ground)


async def _redis(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    note.started_at = time.time()
    await _restart("redis", signal.SIGTERM, ground)


async def _restart(name: str, how: signal.Signals, ground: Ground) -> None:
    parts = await ground.parts(name)
    if not parts:
        raise Miss(f"no {name} was there")
    pid = int(parts[0]["pid"])
    os.kill(pid, how)
    await _back(ground, name, pid)


async def _back(ground: Ground, name: str, old: int) -> None:
    """Wait until the supervisor has started it again."""
    deadline = time.monotonic() + BACK_SECONDS
    while time.monotonic() < deadline:
        parts: list[dict[str, Any]] = await ground.parts(name)
        if all(part["pid"] != old and part["healthy"] for part in parts) and parts:
            return
        await asyncio.sleep(0.5)


async def _webhooks(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    """From the round's beginning; `restore` ends it with the round."""
    ground.webhooks.share = 1.0 if plan.chance < 0.5 else 0.5
    ground.webhooks.delay = 1 + 3 * plan.chance
    ground.webhooks.mode = plan.fault.split()[1]
    share, delay = ground.webhooks.share, ground.webhooks.delay
    note.note = {"lost": f"{share:.0%}", "delayed": f"{delay:.1f} s"}.get(ground.webhooks.mode, "")


async def _desk(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    note.started_at = time.time()
    await ground.desk.shut()
    try:
        await asyncio.sleep(DESK_CUT_SECONDS)
    finally:
        await ground.desk.open()


async def _models(ground: Ground, plan: RoundPlan, call_id: str, note: FaultHistory) -> None:
    how = plan.fault.split()[1]
    seconds = max(2.0, plan.seconds)
    note.started_at, note.note = time.time(), f"for {seconds:.1f} s"
    try:
        if how == "down":
            await ground.models.shut()
        else:
            ground.model_server.delay = 1 + 2 * plan.chance
            ground.model_server.mode = how
        await asyncio.sleep(seconds)
    finally:
        ground.model_server.mode = None
        await ground.models.open()


async def restore(ground: Ground) -> None:
    """Every door open and honest."""
    ground.webhooks.mode = ground.model_server.mode = None
    await ground.models.open()
    await ground.desk.open()


_BREAKS: dict[str, Break] = {
    "job": _job,
    "worker": _worker,
    "attendant": _attendant,
    "router": _router,
    "api": _api,
    "postgres": _postgres,
    "redis": _redis,
    "webhooks": _webhooks,
    "desk": _desk,
    "models": _models,
}
