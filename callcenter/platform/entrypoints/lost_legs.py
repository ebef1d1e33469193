"""`callcenter lost-legs`: a livekit-sip that was started anew has none of the legs of the one before."""

import asyncio
import time
from functools import partial

import psutil

from callcenter.journey.arrived import caller_left
from callcenter.journey.verb import Journey
from callcenter.platform.entrypoints.wiring import control_plane
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.loops import each
from callcenter.platform.wire.settings import Settings
from callcenter.records.calls import store as calls


def run(settings: Settings, sip_pid: int) -> int:
    """End the calls that are older than this livekit-sip process; returns how many. livekit-server would notice dead
    legs only after 20 s, and their seats would be busy for so long."""
    return asyncio.run(_run(settings, sip_pid))


async def _run(settings: Settings, sip_pid: int) -> int:
    plane = control_plane(settings)
    try:
        return await end_older(plane.journey, time.time() - psutil.Process(sip_pid).create_time())
    finally:
        await plane.close()


async def end_older(j: Journey, age_seconds: float) -> int:
    """End live calls that arrived longer ago than this."""
    async with j.db.transaction() as tx:
        older = await calls.live_longer_than(tx, age_seconds)
    return await each(older, partial(_end, j))


async def _end(j: Journey, call_id: CallId) -> bool:
    async with j.db.transaction() as tx:
        room = await calls.room_of(tx, call_id)
    return room is not None and await caller_left(j, room, by_fault=True)
