"""`callcenter router`: matching, leases, sweeps, reconciling with LiveKit. Any number may run side by side."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine, Iterator
from functools import partial

from callcenter.journey import effects
from callcenter.platform.api.recent_invariants import CHECK_SECONDS, check_once
from callcenter.platform.entrypoints.wiring import ControlPlane, control_plane
from callcenter.platform.plumbing.look import Look
from callcenter.platform.plumbing.loops import forever, listen
from callcenter.platform.plumbing.model import ProcessKind
from callcenter.platform.plumbing.processes import beat, process_name
from callcenter.platform.wire import log
from callcenter.platform.wire.pulse import Pulse
from callcenter.platform.wire.settings import Settings
from callcenter.records.tallies import loop as tallies
from callcenter.stages.arrival import loop as arrival
from callcenter.stages.arrival import store as webhooks
from callcenter.stages.offers import drains, workers
from callcenter.stages.offers import loop as offers
from callcenter.stages.offers import store as offer_store
from callcenter.stages.outbound import loop as calls_out
from callcenter.stages.waiting import loop as waiting
from callcenter.stages.waiting import store as entries

LOOK_SECONDS = 0.25
UNASKED_SECONDS = 5.0  # so often each loop looks for its work by itself as well
LOSE_SECONDS = 0.5
RECONCILE_SECONDS = 2.0
CALLS_OUT_SECONDS = 2.0
GHOST_SECONDS = 10.0
BEAT_SECONDS = 1.0
FORGET_SECONDS = 300.0


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    log.configure(settings.log_level)
    asyncio.run(_route(settings))


async def _route(settings: Settings) -> None:
    plane = control_plane(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(work) for work in _loops(plane)]
    try:
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        await plane.close()


def _loops(plane: ControlPlane) -> Iterator[Coroutine[None, None, None]]:
    j, name = plane.journey, process_name(ProcessKind.ROUTER)
    pulse = Pulse(plane.settings)
    line, expiring, draining, over, effects_due = (asyncio.Event() for _ in range(5))
    look = Look(
        plane.db,
        {
            line: entries.moving(),
            expiring: offer_store.expiring(),
            draining: drains.draining(),
            over: waiting.over(j),
            effects_due: effects.sweepable(),
        },
    )
    yield listen(plane.settings.database_url, "line", line)
    yield j.performer.wake_forever()
    yield forever("pulse", pulse.beat_forever, BEAT_SECONDS)
    yield forever("beat", partial(_beat, plane, name, pulse), BEAT_SECONDS)
    yield forever("look", look.look_once, LOOK_SECONDS)
    yield forever("move", partial(waiting.move_once, j), UNASKED_SECONDS, line)
    yield forever("expire", partial(offers.expire_once, j), UNASKED_SECONDS, expiring)
    yield forever("lose", partial(offers.Liveness(j.timing.desk_silent).lose_once, j), LOSE_SECONDS)
    yield forever("relieve", partial(offers.relieve_once, j), UNASKED_SECONDS, draining)
    yield forever("give up", partial(waiting.give_up_once, j), UNASKED_SECONDS, over)
    yield forever("effects", j.performer.sweep_once, UNASKED_SECONDS, effects_due)
    yield forever("reconcile", arrival.Reconciler(j, plane.rooms).reconcile_once, RECONCILE_SECONDS)
    sweeper = calls_out.Sweeper(plane.db, plane.rooms)
    yield forever("calls out", sweeper.sweep_once, CALLS_OUT_SECONDS)
    yield forever("ghosts of calls out", sweeper.ghosts_once, GHOST_SECONDS)
    yield forever("count", partial(tallies.count_once, plane.db), tallies.COUNT_SECONDS)
    yield forever("promises", partial(check_once, plane.db), CHECK_SECONDS)
    yield forever("forget", partial(_forget, plane), FORGET_SECONDS)


async def _beat(plane: ControlPlane, name: str, pulse: Pulse) -> None:
    await beat(plane.db, name, ProcessKind.ROUTER)
    pulse.reported()


async def _forget(plane: ControlPlane) -> None:
    """Delete what nobody will ask for again."""
    async with plane.db.transaction() as tx:
        await webhooks.forget_old(tx)
        await effects.forget_old(tx)
        await workers.forget(tx)
