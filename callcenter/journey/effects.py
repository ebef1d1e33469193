"""What verbs want done outside the database: recorded in the verb's transaction, done at once after its commit by the
process that recorded it, and again by sweep when that process died or the outside failed."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from callcenter.journey.model import Effect, EffectKind
from callcenter.journey.rooms import Rooms
from callcenter.platform.plumbing import failpoints
from callcenter.platform.plumbing.db import Channel, Database, Tx, from_now
from callcenter.platform.plumbing.sets import among, given
from callcenter.platform.wire.base import Message
from callcenter.stages.escalation import supervisions
from callcenter.stages.offers import store as offers
from callcenter.stages.offers.model import Offer, OfferState

log = logging.getLogger(__name__)

HEAD_START_SECONDS = 6.0  # the recorder's own time, longer than a call of LiveKit's API may take, before a sweep tries
RETRY_SECONDS = (0.5, 1, 2, 5, 10)
DEFAULT_LIFE_SECONDS = 60.0
COMMAND_LIFE_SECONDS = 15.0
_TAKEN = sa.cast(Effect.payload["take"]["offer_id"].astext, Offer.id.type)


@dataclass(frozen=True)
class Taking:
    """Which worker is to come to which call: `identity` is who joins its room."""

    call_id: str
    room: str
    caller_identity: str
    offer_id: str
    worker: str
    identity: str

    def told(self) -> dict[str, str]:
        """What is recorded of it; the tokens are made when it is delivered."""
        return {name: value for name, value in asdict(self).items() if name != "worker"}


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


async def record_takes(tx: Tx, takes: Sequence[Taking], life: float) -> None:
    """Tell these workers to come to these calls, for which they were offered seats; the desk delivers."""
    columns = {"call_id": Effect.call_id.type, "address": sa.Text(), "payload": sa.Text()}
    rows = given(columns, [(one.call_id, one.worker, json.dumps({"take": one.told()})) for one in takes])
    statement = sa.insert(Effect).from_select(
        [*columns, "kind", "due_at", "give_up_at"],
        sa.select(
            rows.c.call_id, rows.c.address, sa.cast(rows.c.payload, Effect.payload.type),
            sa.literal(EffectKind.COMMAND.value), sa.func.clock_timestamp(), from_now(life),
        ).order_by(rows.c.place),
    )  # fmt: skip
    await tx.execute(statement)
    tx.recorded.add(EffectKind.COMMAND)
    tx.news.add(Channel.DESK)


async def command(tx: Tx, call_id: str | None, address: str, message: Message) -> None:
    """Tell this job (address: offer id) or worker (address: its name) something; the desk that holds it delivers."""
    await record(
        tx, EffectKind.COMMAND, call_id, address, life=COMMAND_LIFE_SECONDS, message=message.model_dump(mode="json")
    )


@dataclass
class Performer:
    """Does recorded effects and wakes those who wait for commits: in this process (`wakes`) at once."""

    db: Database
    rooms: Rooms
    wakes: dict[Channel, Callable[[], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tasks: set[asyncio.Task[bool]] = set()
        self._wake = asyncio.Event()
        self._news: set[Channel] = set()

    def after_commit(self, effect_ids: list[int], news: set[Channel]) -> list[asyncio.Task[bool]]:
        """Start these now, and tell the other processes what there is to look at."""
        self._news |= news
        for channel in news & self.wakes.keys():
            self.wakes[channel]()
        if news:
            self._wake.set()
        started = [asyncio.create_task(self.perform(effect_id)) for effect_id in effect_ids]
        for task in started:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return started

    async def perform(self, effect_id: int) -> bool:
        """Do one effect and write down that it is done, or when to try again. True when done."""
        async with self.db.transaction() as tx:
            row = await tx.row(
                sa.select(Effect.kind, Effect.address, Effect.payload, Effect.attempts).where(
                    Effect.id == effect_id, Effect.done_at.is_(None)
                )
            )
            stale = row is not None and await self._is_stale(tx, EffectKind(row["kind"]), row["payload"])
        if row is None:
            return True
        try:
            if not stale:
                await self._do(EffectKind(row["kind"]), row["address"], row["payload"])
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

    async def _is_stale(self, tx: Tx, kind: EffectKind, payload: dict[str, Any]) -> bool:
        """Whether what this effect was for has passed: nobody is granted a voice for a dead offer (I4)."""
        if kind is not EffectKind.GRANT:
            return False
        offer = await offers.find(tx, payload["offer_id"])
        return offer is None or offer.state is not OfferState.ACCEPTED

    async def _do(self, kind: EffectKind, address: str, payload: dict[str, Any]) -> None:
        if kind is EffectKind.GRANT:
            await self.rooms.grant(payload["room"], address)
        elif kind is EffectKind.SUPERVISE:
            await self._supervise(address, payload)
        elif kind is EffectKind.REMOVE:
            await self.rooms.remove(payload["room"], address)
        elif kind is EffectKind.DELETE_ROOM:
            await self.rooms.delete(address)
        else:
            raise AssertionError(f"{kind} is delivered by the desk")

    async def _supervise(self, identity: str, payload: dict[str, Any]) -> None:
        """By the mode as it stands now: two switches in a row may be performed in any order."""
        async with self.db.transaction() as tx:
            rights = await supervisions.rights_of(tx, payload["supervision_id"])
        if rights is not None:
            await self.rooms.supervise(payload["room"], identity, payload["caller_identity"], rights)

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
                    attempts=Effect.attempts + 1, error=type(error).__name__, due_at=from_now(retry),
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


def still_removing(call_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether somebody is yet to be silenced in this call: no other agent is asked before (decision 4, I4). The few
    such calls are looked up once for a statement, not once for each call that it looks at."""
    removals = sa.select(Effect.call_id).where(
        Effect.call_id.is_not(None), Effect.kind == sa.literal_column(f"'{EffectKind.REMOVE}'"),
        Effect.done_at.is_(None), Effect.give_up_at > sa.func.clock_timestamp(),
    )  # fmt: skip
    return call_id.in_(removals)


async def commands_for(tx: Tx, addresses: list[str]) -> list[sa.RowMapping]:
    """Undelivered commands to these addresses, oldest first; `offer_state` is that of the offer a Take is about."""
    return await tx.rows(
        sa.select(Effect.id, Effect.call_id, Effect.address, Effect.payload, Offer.state.label("offer_state"))
        .outerjoin(Offer, Offer.id == _TAKEN)
        .where(
            Effect.kind == EffectKind.COMMAND, Effect.done_at.is_(None), among(Effect.address, addresses),
            Effect.give_up_at > sa.func.clock_timestamp(),
        )
        .order_by(Effect.id)
    )  # fmt: skip


async def delivered(tx: Tx, effect_ids: list[int]) -> None:
    await tx.execute(sa.update(Effect).where(among(Effect.id, effect_ids)).values(done_at=sa.func.clock_timestamp()))


async def tell_again(tx: Tx, worker: str) -> None:
    """The worker has a new connection, and what was told last over the old one may not have arrived: it is sent again
    for offers that still wait for it. To be sent twice does no harm."""
    waits = sa.exists().where(Offer.id == _TAKEN, Offer.state == OfferState.OFFERED)
    await tx.execute(
        sa.update(Effect)
        .where(
            Effect.kind == EffectKind.COMMAND, Effect.address == worker, Effect.done_at.is_not(None),
            Effect.give_up_at > sa.func.clock_timestamp(), waits,
        )
        .values(done_at=None)
    )  # fmt: skip


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
