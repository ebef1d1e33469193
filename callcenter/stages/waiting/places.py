"""Places in line that are kept: beside a treatment, and for callers who are called back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Channel, Tx, from_now
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.plumbing.states import move
from callcenter.stages.waiting.model import WAITING_TRANSITIONS, WaitingEntry, WaitingState
from callcenter.stages.waiting.store import FIRST_AFTER, LAST_WORDS_SECONDS, UNSERVED, kept
from callcenter.stages.waiting.treatment import MAY_LEAD_BACK, TREATMENT, Transfer, Treatment


@dataclass(frozen=True)
class Transferring:
    """A live call that is, or is to be, connected with a number outside."""

    call_id: CallId
    state: WaitingState
    transfer: Transfer


async def resume(tx: Tx, call_id: CallId, max_wait_seconds: float | None, *, fallbacks: bool = True) -> bool:
    """Out of a treatment and back into its queue, at its place and with its attendant; False when it was in none.
    Without `fallbacks` none happens before the next return."""
    tx.news.add(Channel.LINE)
    result = await tx.execute(
        move(WaitingEntry, WAITING_TRANSITIONS, WaitingState.WAITING, or_still=True)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.queue.is_not(None))
        .values(
            treatment=None,
            gives_up_at=None if max_wait_seconds is None else from_now(max_wait_seconds),
            next_fallback_at=WaitingEntry.counted_from + FIRST_AFTER if fallbacks else None,
        )
    )
    return result.rowcount == 1


async def keep_treatment(tx: Tx, call_id: CallId, treatment: Treatment) -> None:
    """How the treatment that goes on stands now."""
    await tx.execute(sa.update(WaitingEntry).where(WaitingEntry.call_id == call_id).values(treatment=kept(treatment)))


async def attendant_at_once(tx: Tx, call_id: CallId) -> None:
    """An attendant is wanted now, for the treatment that the call has, before all who came later."""
    tx.news.add(Channel.LINE)
    await tx.execute(
        sa.update(WaitingEntry)
        .where(WaitingEntry.call_id == call_id, WaitingEntry.state == WaitingState.WAITING)
        .values(attendant_due_at=WaitingEntry.entered_at, gives_up_at=from_now(LAST_WORDS_SECONDS))
    )


def transferring() -> sa.Select[str]:
    """Live calls with a transfer that is to be dialled, or under way."""
    return sa.select(WaitingEntry.call_id).where(
        WaitingEntry.state != WaitingState.LEFT, WaitingEntry.treatment["kind"].astext == "transfer"
    )


def to_be_dialled() -> sa.Select[str]:
    """Those of `transferring` for whom nobody has asked yet."""
    return transferring().where(
        WaitingEntry.state == WaitingState.WAITING, WaitingEntry.treatment["call_out_id"].astext.is_(None)
    )


async def transfers(tx: Tx) -> Sequence[Transferring]:
    """Those of `transferring`, each with what is known of it."""
    rows = await tx.rows(
        sa.select(WaitingEntry.call_id, WaitingEntry.state, WaitingEntry.treatment).where(
            WaitingEntry.call_id.in_(transferring())
        )
    )
    return [
        Transferring(
            row["call_id"], WaitingState(row["state"]), cast(Transfer, TREATMENT.validate_python(row["treatment"]))
        )
        for row in rows
    ]


async def lengths(tx: Tx, queues: Collection[str]) -> dict[str, int]:
    """How many calls wait in each of these queues; one without any is left out."""
    rows = await tx.rows(
        sa.select(WaitingEntry.queue, sa.func.count().label("calls"))
        .where(
            WaitingEntry.state == WaitingState.WAITING, WaitingEntry.treatment.is_(None), WaitingEntry.queue.in_(queues)
        )
        .group_by(WaitingEntry.queue)
    )
    return {row["queue"]: row["calls"] for row in rows}


async def unserved(tx: Tx, besides: CallId, at_most: int, queue: str | None = None) -> int:
    """How many other calls wait without an agent, asked for or not: in this queue, those too that may come back to
    their place in it; or all whom attendants keep company. Counted up to `at_most`."""
    where = [UNSERVED, WaitingEntry.call_id != besides]
    if queue is not None:
        kinds = [shape.model_fields["kind"].default for shape in MAY_LEAD_BACK]
        placed = sa.or_(WaitingEntry.treatment.is_(None), WaitingEntry.treatment["kind"].astext.in_(kinds))
        where += [WaitingEntry.queue == queue, placed]
    some = sa.select(WaitingEntry.call_id).where(*where).limit(at_most).subquery()
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(some)))
