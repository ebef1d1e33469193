"""What verbs want done outside the database: recorded in the verb's transaction, done at once after its commit by the
process that recorded it, and again by sweep when that process died or the outside failed."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from callcenter.journey.model import Effect, EffectKind
from callcenter.platform.plumbing import failpoints
from callcenter.platform.plumbing.db import Channel, Database, Tx, from_now
from callcenter.platform.plumbing.livekit_rooms import Presence
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.dispatch import DispatchMetadata
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import OfferState

log = logging.getLogger(__name__)

HEAD_START_SECONDS = 6.0  # the recorder's own time, longer than a call of LiveKit's API may take, before a sweep tries
RETRY_SECONDS = (0.5, 1, 2, 5, 10)
DEFAULT_LIFE_SECONDS = 60.0
COMMAND_LIFE_SECONDS = 15.0


# More effects of one verb than this are done and noted together.
FEW = 3
WANTED_STATE = {EffectKind.DISPATCH: OfferState.OFFERED, EffectKind.GRANT: OfferState.ACCEPTED}


class Rooms(Protocol):
    """What the journey needs of the media server; every method is idempotent and raises when it did not happen."""

    async def presence(self, room: str, identity: str) -> Presence: ...

    async def dispatch(self, room: str, worker: str, metadata: DispatchMetadata) -> None: ...
    async def grant(self, room: str, identity: str) -> None: ...
    async def remove(self, room: str, identity: str) -> None: ...
    async def delete(self, room: str) -> None: ...


async def record(
    tx: Tx, kind: EffectKind, call_id: str | None, address: str, *, life: float = DEFAULT_LIFE_SECONDS, **payload: Any
) -> None:
    """Note one effect; it is tried until it succeeds or its life, in seconds, is over."""

    head_start = 0.0 if kind is EffectKind.COMMAND else HEAD_START_SECONDS
    effect_id = await tx.scalar(
        sa.insert(Effect)
        .values(
            call_id=call_id, kind=kind, address=address, payload=payload, due_at=from_now(head_start),
            give_up_at=from_now(life),
        )
        .returning(Effect.id)
    )  # fmt: skip
    tx.recorded.add(kind)
    if kind is EffectKind.COMMAND:
        tx.news.add(Channel.DESK)
    else:
        tx.effects.append(effect_id)


async def record_dispatches(tx: Tx, dispatches: Sequence[tuple[str, str, dict[str, Any]]], life: float) -> None:
    """Note several dispatches, each with its call, its worker and what `record` takes as payload."""
    statement = sa.insert(Effect).values(
        kind=EffectKind.DISPATCH, due_at=from_now(HEAD_START_SECONDS), give_up_at=from_now(life)
    )
    rows = [{"call_id": call_id, "address": worker, "payload": payload} for call_id, worker, payload in dispatches]
    tx.recorded.add(EffectKind.DISPATCH)
    tx.effects.extend((await tx.execute(statement.returning(Effect.id), rows)).scalars())


async def command(tx: Tx, call_id: str | None, address: str, message: Message) -> None:
    """Tell this job (address: offer id) or worker (address: its name) something; the desk that holds it delivers."""
    await record(
        tx, EffectKind.COMMAND, call_id, address, life=COMMAND_LIFE_SECONDS, message=message.model_dump(mode="json")
    )


@dataclass
class Performer:
    """Does recorded effects and wakes those who wait for commits."""

    db: Database
    rooms: Rooms
    tokens: JobTokens
    desk_url: str

    def __post_init__(self) -> None:
        self._tasks: set[asyncio.Task[bool]] = set()
        self._wake = asyncio.Event()
        self._news: set[Channel] = set()

    def after_commit(self, effect_ids: list[int], news: set[Channel]) -> list[asyncio.Task[bool]]:
        """Start these now, and tell the other processes what there is to look at."""
        self._news |= news
        if news:
            self._wake.set()
        if len(effect_ids) > FEW:
            started = [asyncio.create_task(self.perform_together(effect_ids))]
        else:
            started = [asyncio.create_task(self.perform(effect_id)) for effect_id in effect_ids]
        for task in started:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return started

    async def perform(self, effect_id: int) -> bool:
        """Do one effect and write down that it is done, or when to try again. True when done."""
        async with self.db.transaction() as tx:
            row = await tx.row(
                sa.select(Effect.kind, Effect.call_id, Effect.address, Effect.payload, Effect.attempts).where(
                    Effect.id == effect_id, Effect.done_at.is_(None)
                )
            )
            stale = row is not None and await self._is_stale(tx, EffectKind(row["kind"]), row["payload"])
        if row is None:
            return True
        try:
            if not stale:
                await self._do(EffectKind(row["kind"]), row["call_id"], row["address"], row["payload"])
        except Exception as error:
            await self._failed(effect_id, row["attempts"], error)
            return False
        failpoints.reached(f"{row['kind']}.told")
        async with self.db.transaction() as tx:
            await tx.execute(
                sa.update(Effect).where(Effect.id == effect_id).values(done_at=sa.func.clock_timestamp(), error=None)
            )
        failpoints.reached(f"{row['kind']}.done")
        return True

    async def perform_together(self, effect_ids: Sequence[int]) -> bool:
        """Do several effects at once and write down in one transaction which are done. True when all are."""
        async with self.db.transaction() as tx:
            rows = await tx.rows(
                sa.select(
                    Effect.id, Effect.kind, Effect.call_id, Effect.address, Effect.payload, Effect.attempts
                ).where(Effect.id.in_(effect_ids), Effect.done_at.is_(None))
            )
            states = await offers.states(
                tx, [row["payload"]["offer_id"] for row in rows if "offer_id" in row["payload"]]
            )
        wanted = [row for row in rows if not _stale(row, states)]
        results = await asyncio.gather(
            *(self._do(EffectKind(row["kind"]), row["call_id"], row["address"], row["payload"]) for row in wanted),
            return_exceptions=True,
        )
        failed = {row["id"]: error for row, error in zip(wanted, results, strict=True) if error is not None}
        kinds = {row["kind"] for row in rows}
        for kind in kinds:
            failpoints.reached(f"{kind}.told")
        async with self.db.transaction() as tx:
            await tx.execute(
                sa.update(Effect)
                .where(Effect.id.in_([row["id"] for row in rows if row["id"] not in failed]))
                .values(done_at=sa.func.clock_timestamp(), error=None)
            )
        for kind in kinds:
            failpoints.reached(f"{kind}.done")
        for row in rows:
            if isinstance(error := failed.get(row["id"]), Exception):
                await self._failed(row["id"], row["attempts"], error)
        return not failed

    async def _is_stale(self, tx: Tx, kind: EffectKind, payload: dict[str, Any]) -> bool:
        """Whether what this effect was for has passed: nobody is dispatched, or granted a voice, for a dead offer."""
        wanted = WANTED_STATE.get(kind)
        if wanted is None:
            return False
        offer = await offers.find(tx, payload["offer_id"])
        return offer is None or offer.state is not wanted

    async def _do(self, kind: EffectKind, call_id: str, address: str, payload: dict[str, Any]) -> None:
        if kind is EffectKind.DISPATCH:
            offer_id = payload["offer_id"]
            metadata = DispatchMetadata(
                call_id=call_id, offer_id=offer_id, token=self.tokens.sign(call_id, offer_id),
                desk_url=self.desk_url, caller_identity=payload["caller_identity"],
            )  # fmt: skip
            await self.rooms.dispatch(payload["room"], address, metadata)
        elif kind is EffectKind.GRANT:
            await self.rooms.grant(payload["room"], address)
        elif kind is EffectKind.REMOVE:
            await self.rooms.remove(payload["room"], address)
        elif kind is EffectKind.DELETE_ROOM:
            await self.rooms.delete(address)
        else:
            raise AssertionError(f"{kind} is delivered by the desk")

    async def _failed(self, effect_id: int, attempts: int, error: Exception) -> None:
        retry = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS) - 1)]
        log.warning(
            "effect failed", extra={"effect": effect_id, "attempts": attempts + 1, "error": type(error).__name__}
        )
        async with self.db.transaction() as tx:
            await tx.execute(
                sa.update(Effect)
                .where(Effect.id == effect_id)
                .values(
                    attempts=Effect.attempts + 1, error=type(error).__name__,
                    due_at=from_now(retry),
                )
            )  # fmt: skip

    async def sweep_once(self, limit: int = 20) -> int:
        """Do effects that are due; returns how many were done. Two sweeps never take the same one."""
        async with self.db.transaction() as tx:
            due = await tx.rows(
                sa.update(Effect)
                .where(
                    Effect.id.in_(
                        sweepable().order_by(Effect.due_at).limit(limit).with_for_update(skip_locked=True)
                    )
                )
                .values(due_at=sa.func.clock_timestamp() + sa.text("interval '10 seconds'"))
                .returning(Effect.id)
            )  # fmt: skip
        done = await asyncio.gather(*(self.perform(row["id"]) for row in due))
        return sum(done)

    async def wake_forever(self) -> None:
        """NOTIFY after commits, coalesced and outside their transactions; a hint only, everybody polls besides."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            news, self._news = self._news, set()
            try:
                async with self.db.transaction() as tx:
                    await tx.execute(sa.select(*(sa.func.pg_notify(channel, "") for channel in sorted(news))))
            except Exception as error:
                log.warning("wake-up failed", extra={"error": type(error).__name__})
                await asyncio.sleep(0.2)

    async def settle(self) -> None:
        """Wait for effects under way: the end of a process."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)


def _stale(row: sa.RowMapping, states: Mapping[str, OfferState]) -> bool:
    wanted = WANTED_STATE.get(EffectKind(row["kind"]))
    return wanted is not None and states.get(row["payload"]["offer_id"]) is not wanted


def still_removing(call_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether somebody is yet to be silenced in this call: no other agent is asked before (decision 4, I4)."""
    return sa.exists().where(
        Effect.call_id == call_id, Effect.kind == EffectKind.REMOVE, Effect.done_at.is_(None),
        Effect.give_up_at > sa.func.clock_timestamp(),
    )  # fmt: skip


async def commands_for(tx: Tx, addresses: list[str]) -> list[sa.RowMapping]:
    """Undelivered commands to these addresses, oldest first."""
    return await tx.rows(
        sa.select(Effect.id, Effect.call_id, Effect.address, Effect.payload)
        .where(
            Effect.kind == EffectKind.COMMAND, Effect.done_at.is_(None), Effect.address.in_(addresses),
            Effect.give_up_at > sa.func.clock_timestamp(),
        )
        .order_by(Effect.id)
    )  # fmt: skip


async def delivered(tx: Tx, effect_ids: list[int]) -> None:
    await tx.execute(sa.update(Effect).where(Effect.id.in_(effect_ids)).values(done_at=sa.func.clock_timestamp()))


async def forget_old(tx: Tx, hours: int = 24) -> int:
    """Delete effects that are done or given up for so long."""
    result = await tx.execute(
        sa.delete(Effect).where(
            Effect.give_up_at < sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, 0, hours)
        )
    )
    return result.rowcount


def sweepable() -> sa.Select[int]:
    """Effects that are due and that nobody has done."""
    return sa.select(Effect.id).where(
        Effect.done_at.is_(None), Effect.kind != EffectKind.COMMAND,
        Effect.due_at <= sa.func.clock_timestamp(), Effect.give_up_at > sa.func.clock_timestamp(),
    )  # fmt: skip
