"""All SQL of the company's numbers."""

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.audit.model import Thing
from callcenter.setup.entries.rules import Kind, a_number
from callcenter.setup.numbers.model import Number
from callcenter.setup.numbers.rules import NumberBody

NUMBERS = Kind(
    Thing.NUMBER, Number, NumberBody, "numbers", key="e164", key_field="number", columns=True,
    new_key=a_number, any_key=a_number, named_in=frozenset({"to"}),
)  # fmt: skip


async def all_numbers(tx: Tx) -> list[str]:
    return [row["e164"] for row in await tx.rows(sa.select(Number.e164).order_by(Number.e164))]


async def named(tx: Tx) -> dict[str, str]:
    """What every number of the company is called, by the number."""
    rows = await tx.rows(sa.select(Number.e164, Number.name).order_by(Number.e164))
    return {row["e164"]: row["name"] for row in rows}


async def is_entered(tx: Tx, e164: str) -> bool:
    return bool(await tx.scalar(sa.select(sa.exists().where(Number.e164 == e164))))
