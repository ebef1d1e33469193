"""Beats of the control plane's own processes."""

import os

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.plumbing.model import ControlProcess, ProcessKind

FORGET_HOURS = 24


def process_name(kind: ProcessKind) -> str:
    """A name for this process, new at each start."""
    return f"{kind}-{new_id()[-8:]}"


async def beat(db: Database, name: str, kind: ProcessKind) -> None:
    """Say that this process lives, and forget those that have been dead for a day."""
    now = sa.func.clock_timestamp()
    async with db.transaction() as tx:
        await tx.execute(
            insert(ControlProcess)
            .values(name=name, kind=kind, pid=os.getpid(), last_beat_at=now)
            .on_conflict_do_update(index_elements=[ControlProcess.name], set_={"last_beat_at": now})
        )
        await tx.execute(
            sa.delete(ControlProcess).where(
                ControlProcess.last_beat_at < now - sa.func.make_interval(0, 0, 0, 0, FORGET_HOURS)
            )
        )
