"""`callcenter router`: matching, leases, sweeps, reconciling with LiveKit. Any number may run side by side."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine, Iterator
from functools import partial

from callcenter.journey import effects, voicemail
from callcenter.journey.moving import movable
from callcenter.platform.api.recent_invariants import CHECK_SECONDS, check_once
from callcenter.platform.entrypoints.wiring import ControlPlane, control_plane
from callcenter.platform.plumbing.chat import Chat
from callcenter.platform.plumbing.look import Look
from callcenter.platform.plumbing.loops import forever, listen
from callcenter.platform.plumbing.model import ProcessKind
from callcenter.platform.plumbing.processes import beat, process_name
from callcenter.platform.plumbing.transcription import Transcription
from callcenter.platform.wire import log
from callcenter.platform.wire.pulse import Pulse
from callcenter.platform.wire.settings import Settings
from callcenter.records.tallies import loop as tallies
from callcenter.records.voicemails import loop as voicemails
from callcenter.records.voicemails import store as voicemail_store
from callcenter.stages.arrival import loop as arrival
from callcenter.stages.arrival import store as webhooks
from callcenter.stages.callbacks import store as call_backs
from callcenter.stages.escalation import loop as escalation
from callcenter.stages.escalation import supervisions
from callcenter.stages.learning import loop as learning
from callcenter.stages.offers import drains, spending, workers
from callcenter.stages.offers import loop as offers
from callcenter.stages.offers import store as offer_store
from callcenter.stages.outbound import loop as calls_out
from callcenter.stages.routing import store as replays
from callcenter.stages.waiting import loop as waiting
from callcenter.stages.waiting import places

LOOK_SECONDS = 0.25
UNASKED_SECONDS = 5.0  # so often each loop looks for its work by itself as well
LOSE_SECONDS = 0.5
RECONCILE_SECONDS = 2.0
CALLS_OUT_SECONDS = 2.0
TEST_CALLS_SECONDS = 2.0
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
    ringer = calls_out.Ringer(plane.journey, plane.lines)
    transfers = calls_out.Transfers(plane.journey, plane.lines)
    tasks = [asyncio.create_task(work) for work in _loops(plane, ringer, transfers)]
    try:
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        await asyncio.gather(ringer.close(), transfers.close())
        await plane.close()


def _loops(
    plane: ControlPlane, ringer: calls_out.Ringer, transfers: calls_out.Transfers
) -> Iterator[Coroutine[None, None, None]]:
    j, name = plane.journey, process_name(ProcessKind.ROUTER)
    pulse = Pulse(plane.settings)
    line, expiring, draining, over, overflowing, effects_due, ringing, dialling, seeking, watching = (
        asyncio.Event() for _ in range(10)
    )
    look = Look(
        plane.db,
        {
            line: movable(j.timing.worker_silent),
            expiring: offer_store.expiring(),
            draining: drains.draining(),
            over: waiting.over(j),
            overflowing: waiting.overflowing(),
            effects_due: effects.sweepable(),
            ringing: call_backs.due(),
            dialling: places.to_be_dialled(),
            seeking: escalation.work(),
            watching: supervisions.work(),
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
    yield forever("overflow", partial(waiting.overflow_once, j), UNASKED_SECONDS, overflowing)
    yield forever("spending", partial(spending.measure_once, plane.db), spending.MEASURE_SECONDS)
    yield forever("effects", j.performer.sweep_once, UNASKED_SECONDS, effects_due)
    yield forever("reconcile", arrival.Reconciler(j, plane.rooms).reconcile_once, RECONCILE_SECONDS)
    yield forever("test calls", partial(arrival.end_test_calls_once, j), TEST_CALLS_SECONDS)
    yield forever("call back", ringer.ring_once, UNASKED_SECONDS, ringing)
    yield forever("transfer", transfers.connect_once, CALLS_OUT_SECONDS, dialling)
    yield forever("seek supervisors", partial(escalation.seek_once, j), UNASKED_SECONDS, seeking)
    watch = partial(escalation.watch_once, j, plane.rooms, {})
    yield forever("watch supervisors", watch, UNASKED_SECONDS, watching)
    sweeper = calls_out.Sweeper(plane.db, plane.rooms, j.timing.max_call)
    yield forever("calls out", sweeper.sweep_once, CALLS_OUT_SECONDS)
    yield forever("ghosts of calls out", sweeper.ghosts_once, GHOST_SECONDS)
    scribe = voicemails.Scribe(j, Transcription(plane.settings))
    yield forever("close voicemails", partial(voicemail.close_once, j), voicemails.CLOSE_SECONDS)
    yield forever("write voicemails down", scribe.write_once, voicemails.WRITE_SECONDS)
    drafter = learning.Drafter(j, Chat(plane.settings))
    yield forever("draft lessons", drafter.draft_once, learning.DRAFT_SECONDS)
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
        await voicemail_store.forget_old(tx, plane.settings.voicemail_days)
        await replays.forget_old(tx)
