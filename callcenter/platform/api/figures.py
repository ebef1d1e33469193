"""What /metrics reads from the database at each scrape. The same on every replica: take the maximum, never the sum.

The cost must not grow with the number of stored calls: live rows are found by their indexes, and what has happened was
counted before (records/tallies).
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import sqlalchemy as sa
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from callcenter.journey.model import Effect
from callcenter.platform.plumbing.db import Tx, from_now
from callcenter.platform.plumbing.model import ControlProcess, ProcessKind
from callcenter.platform.wire.base import SeatKind, TroubleSource
from callcenter.records.calls.model import Call, CallState, EndedBy, Outcome
from callcenter.records.tallies import store as tallies
from callcenter.records.timeline import read as timeline
from callcenter.records.voicemails.model import Voicemail, VoicemailState
from callcenter.stages.callbacks.model import OPEN, CallBack
from callcenter.stages.escalation import presences
from callcenter.stages.escalation.model import ASKING, Escalation
from callcenter.stages.escalation.model import OPEN as OPEN_ESCALATIONS
from callcenter.stages.offers.model import ABSENT, Offer, Seat, Worker, WorkerState
from callcenter.stages.outbound.model import CallOut
from callcenter.stages.waiting.model import WaitingEntry, WaitingState

BEATS_SECONDS = 5.0
OFFER_EVENTS = ("made", "accepted", "refused", "expired", "withdrawn", "lost", "relieved")
Rows = Iterable[Sequence[object]]
Known = Iterable[tuple[str, ...]]
Counted = dict[tuple[str, ...], float]


async def read(tx: Tx) -> list[Metric]:
    """All figures, in one transaction of a few milliseconds."""
    counted: dict[str, Counted] = {}
    for name, labels, value in await tallies.everything(tx):
        counted.setdefault(name, {})[labels] = value
    return [
        *await _now(tx),
        *await _delays(tx),
        *_counters(counted),
        *_durations(counted),
        *await _promises(tx, counted),
    ]


async def _now(tx: Tx) -> list[Metric]:
    """What there is at this instant."""
    live = sa.select(Call.state, sa.func.count()).where(Call.state != CallState.ENDED).group_by(Call.state)
    states = [(state.value,) for state in CallState if state is not CallState.ENDED]
    busy = sa.case((Seat.offer_id.is_(None), "free"), else_="busy")
    seats = (
        sa.select(Worker.kind, busy, sa.func.count())
        .join(Worker, Worker.name == Seat.worker)
        .where(Worker.state.not_in(ABSENT))
        .group_by(Worker.kind, busy)
    )
    workers = sa.select(Worker.kind, Worker.state, sa.func.count()).group_by(Worker.kind, Worker.state)
    processes = (
        sa.select(ControlProcess.kind, sa.func.count())
        .where(ControlProcess.last_beat_at > from_now(-BEATS_SECONDS))
        .group_by(ControlProcess.kind)
    )
    return [
        _gauge("callcenter_calls", "Live calls.", ("state",), await tx.execute(live), states),
        *await _line(tx),
        await _calls_out(tx),
        *await _voicemails(tx),
        await _call_backs(tx),
        *await _escalations(tx),
        _gauge(
            "callcenter_seats", "Seats of workers that are not lost.", ("kind", "state"), await tx.execute(seats),
            product(SeatKind, ("free", "busy")),
        ),
        _gauge(
            "callcenter_workers", "Workers known.", ("kind", "state"), await tx.execute(workers),
            product(SeatKind, WorkerState),
        ),
        _gauge(
            "callcenter_control_processes", f"Processes that beat within {BEATS_SECONDS:.0f} s.", ("kind",),
            await tx.execute(processes), [(kind,) for kind in ProcessKind],
        ),
    ]  # fmt: skip


async def _line(tx: Tx) -> list[Metric]:
    """Who waits, found through the live calls. A call whose agent was lost waits anew, at its old place."""
    lost_at = (
        sa.select(sa.func.max(Offer.ended_at))
        .where(Offer.call_id == Call.id, Offer.kind == SeatKind.AGENT, Offer.accepted_at.is_not(None))
        .scalar_subquery()
    )
    since = sa.func.greatest(WaitingEntry.entered_at, lost_at)
    queue = sa.case((WaitingEntry.treatment.is_(None), sa.func.coalesce(WaitingEntry.queue, "")), else_="")
    line = (
        sa.select(queue, sa.func.count(), sa.extract("epoch", sa.func.clock_timestamp() - sa.func.min(since)))
        .join(Call, Call.id == WaitingEntry.call_id)
        .where(Call.state != CallState.ENDED, WaitingEntry.state.in_((WaitingState.WAITING, WaitingState.OFFERED)))
        .group_by(queue)
    )
    rows: Sequence[Any] = (await tx.execute(line)).all()
    return [
        _gauge(
            "callcenter_calls_in_line", "Calls in line, by queue: no agent has claimed them yet.", ("queue",),
            [(name, count) for name, count, _ in rows],
        ),
        _gauge(
            "callcenter_oldest_wait_seconds", "For how long the first in line has waited.", ("queue",),
            [(name, age) for name, _, age in rows],
        ),
    ]  # fmt: skip


async def _calls_out(tx: Tx) -> Metric:
    lately = CallOut.requested_at > from_now(-24 * 3600.0)
    labels = (CallOut.trunk, CallOut.state)
    found = await tx.execute(sa.select(*labels, sa.func.count()).where(lately).group_by(*labels))
    return _gauge("callcenter_calls_out", "Calls out asked for in 24 hours.", ("trunk", "state"), found)


async def _escalations(tx: Tx) -> list[Metric]:
    """Humans who are asked for or are in calls, how long the first has been asked for, and who could be asked."""
    by_state = sa.select(Escalation.state, sa.func.count()).where(Escalation.ended_at.is_(None))
    waits = sa.extract("epoch", sa.func.clock_timestamp() - sa.func.min(Escalation.requested_at))
    oldest = await tx.scalar(sa.select(waits).where(Escalation.state.in_(ASKING)))
    return [
        _gauge(
            "callcenter_escalations", "Open escalations.", ("state",),
            await tx.execute(by_state.group_by(Escalation.state)), [(state,) for state in OPEN_ESCALATIONS],
        ),
        _gauge("callcenter_escalation_oldest_seconds", "For how long the first is asked for.", (), [(oldest or 0,)]),
        _gauge(
            "callcenter_supervisors_available", "Supervisors who could be asked now.", (),
            [(await presences.available(tx),)],
        ),
    ]  # fmt: skip


async def _voicemails(tx: Tx) -> list[Metric]:
    """New messages by box, and for how long the oldest has waited to be written down."""
    new = sa.and_(Voicemail.heard_at.is_(None), Voicemail.state != VoicemailState.EMPTY)
    waits = sa.extract("epoch", sa.func.clock_timestamp() - sa.func.min(Voicemail.changed_at))
    found = await tx.execute(sa.select(Voicemail.box, sa.func.count()).where(new).group_by(Voicemail.box))
    oldest = await tx.scalar(sa.select(waits).where(Voicemail.state == VoicemailState.STORED))
    return [
        _gauge("callcenter_voicemails_unheard", "Messages that nobody has heard.", ("box",), found),
        _gauge(
            "callcenter_voicemail_untranscribed_seconds", "Age of the oldest message that is not written down.", (),
            [(oldest or 0,)],
        ),
    ]  # fmt: skip


async def _call_backs(tx: Tx) -> Metric:
    found = await tx.execute(
        sa.select(CallBack.state, sa.func.count()).where(CallBack.state.in_(OPEN)).group_by(CallBack.state)
    )
    return _gauge("callcenter_call_backs", "Open call-backs.", ("state",), found, [(state.value,) for state in OPEN])


async def _delays(tx: Tx) -> list[Metric]:
    overdue = sa.select(sa.func.count()).where(Effect.done_at.is_(None), Effect.due_at < from_now(-1.0))
    uncounted = await timeline.waiting_since(tx, await tallies.place(tx))
    return [
        _gauge(
            "callcenter_effects_overdue", "Effects due for over a second and not done.", (), await tx.execute(overdue)
        ),
        _gauge("callcenter_counting_lag_seconds", "Age of the oldest event that is not counted.", (), [(uncounted,)]),
    ]  # fmt: skip


def _counters(counted: dict[str, Counted]) -> list[Metric]:
    """What has happened. A counter shows its zero before its first one, or that one would be missed by `increase`."""
    trunks = sorted(trunk for (trunk,) in counted.get("calls_arrived", {}))
    ends = product(trunks, Outcome, EndedBy)
    offers = product(SeatKind, OFFER_EVENTS)
    sources = [(source,) for source in TroubleSource]
    return [
        _counter("callcenter_calls_arrived", "Calls that came in.", ("trunk",), counted.get("calls_arrived")),
        _gauge(
            "callcenter_trunk_last_call_timestamp_seconds", "When the last call came in, Unix time.", ("trunk",),
            [(*labels, value) for labels, value in counted.get("trunk_last_call", {}).items()],
        ),
        _counter(
            "callcenter_calls_ended", "Calls that ended.", ("trunk", "outcome", "ended_by"),
            counted.get("calls_ended"), ends,
        ),
        _counter(
            "callcenter_talk_seconds", "Seconds from answer to end, of ended calls.", (),
            counted.get("talk_seconds"), [()],
        ),
        _counter("callcenter_offers", "What became of offers.", ("kind", "event"), counted.get("offers"), offers),
        _counter(
            "callcenter_model_troubles", "Times a model failed, or let a caller wait for a bridging sentence.",
            ("source",), counted.get("model_troubles"), sources,
        ),
    ]  # fmt: skip


def _durations(counted: dict[str, Counted]) -> list[Metric]:
    answer = "From the arrival of a call to its answer."
    wait = "From the arrival of a call to the first agent that takes it."
    lag = "From the end of an utterance to its being stored, by the clocks of worker and database."
    return [
        _histogram("callcenter_answer_seconds", answer, (), "answer", counted),
        _histogram("callcenter_agent_wait_seconds", wait, ("queue",), "agent_wait", counted),
        _histogram("callcenter_segment_lag_seconds", lag, (), "segment_lag", counted),
    ]


async def _promises(tx: Tx, counted: dict[str, Counted]) -> list[Metric]:
    found = counted.get(tallies.VIOLATIONS, {})
    return [
        _gauge(
            "callcenter_invariant_violations", "Broken promises found in recent calls.", ("invariant",),
            [(*labels, value) for labels, value in sorted(found.items())],
        ),
        _gauge(
            "callcenter_invariants_checked_timestamp_seconds", "When that was looked for last, Unix time.", (),
            [(await tallies.checked_at(tx),)],
        ),
    ]  # fmt: skip


def _gauge(name: str, text: str, labels: Sequence[str], rows: Rows, known: Known = ()) -> Metric:
    values = {labels: 0.0 for labels in known} | {tuple(map(str, row[:-1])): float(str(row[-1])) for row in rows}
    family = GaugeMetricFamily(name, text, labels=labels)
    for each, value in values.items():
        family.add_metric([str(label) for label in each], value)
    return family


def _counter(name: str, text: str, labels: Sequence[str], counted: Counted | None, known: Known = ()) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for each, value in ({labels: 0.0 for labels in known} | (counted or {})).items():
        family.add_metric([str(label) for label in each], value)
    return family


def _histogram(name: str, text: str, labels: Sequence[str], key: str, counted: dict[str, Counted]) -> Metric:
    """Buckets are stored each by itself and shown, as Prometheus wants them, with all the smaller ones."""
    family = HistogramMetricFamily(name, text, labels=labels)
    sums: Counted = counted.get(f"{key}_sum", {} if labels else {(): 0.0})
    for each, total in sums.items():
        stored = {float(le): n for (*of, le), n in counted.get(f"{key}_bucket", {}).items() if tuple(of) == each}
        buckets, so_far = [], 0.0
        for limit in sorted({*tallies.BUCKETS, *stored, float("inf")}):
            so_far += stored.get(limit, 0.0)
            buckets.append(("+Inf" if limit == float("inf") else str(limit), so_far))
        family.add_metric(list(each), buckets, total)
    return family
