"""Calls that we make, and legs of people outside whom we call into a call: their SQL."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.calls.model import Call, CallState, Channel, Direction, Lead, Leg, LegKind
from callcenter.records.calls.store import join


async def open_call_out(
    tx: Tx, call_id: CallId, *, room: str, identity: str, from_number: str, to_number: str, trunk: str, queue: str,
    profile: str | None, priority: int,
) -> None:  # fmt: skip
    """Insert a call that we make; `identity` is the callee's, who is the caller of this call in every other way."""
    await tx.execute(
        insert(Call).values(
            id=call_id, sip_call_id="", room=room, caller_identity=identity, channel=Channel.SIP,
            direction=Direction.OUTBOUND, from_number=from_number, to_number=to_number, trunk=trunk,
            state=CallState.RINGING, lead=Lead.NONE, queue=queue, profile=profile, priority=priority,
            arrived_at=sa.func.clock_timestamp(),
        )
    )  # fmt: skip
    await join(tx, call_id, LegKind.CALLER, identity, None)


async def set_sip_call_id(tx: Tx, call_id: CallId, sip_call_id: str) -> None:
    """The SIP Call-ID of a call that we make is known once it is answered."""
    await tx.execute(sa.update(Call).where(Call.id == call_id, Call.sip_call_id == "").values(sip_call_id=sip_call_id))


async def phone_joined(tx: Tx, call_id: CallId, identity: str) -> None:
    """Somebody outside is connected with the caller."""
    await join(tx, call_id, LegKind.PHONE, identity, None)


async def phone_in(tx: Tx, call_id: CallId, identity: str) -> bool:
    """Whether this is somebody outside who is connected with the caller."""
    return bool(
        await tx.scalar(
            sa.select(
                sa.exists().where(
                    Leg.call_id == call_id, Leg.kind == LegKind.PHONE, Leg.identity == identity, Leg.left_at.is_(None)
                )
            )
        )
    )
