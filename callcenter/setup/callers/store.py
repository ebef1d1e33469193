"""All SQL of known callers."""

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.audit.model import Thing
from callcenter.setup.callers.model import Caller
from callcenter.setup.callers.rules import CallerBody
from callcenter.setup.entries.rules import Kind, a_number

CALLERS = Kind(
    Thing.CALLER, Caller, CallerBody, "callers", key="number", key_field="number", new_key=a_number, any_key=a_number
)


async def attributes_of(tx: Tx, number: str) -> dict[str, str]:
    """What is kept of the caller with this number in E.164; nothing of an unknown one."""
    found = await tx.scalar(sa.select(Caller.body["attributes"]).where(Caller.number == number))
    return dict(found) if found is not None else {}


async def name_of(tx: Tx, number: str) -> str:
    """What the caller with this number in E.164 is called; empty for an unknown one."""
    return str(await tx.scalar(sa.select(Caller.body["name"].astext).where(Caller.number == number)) or "")
