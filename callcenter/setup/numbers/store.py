"""All SQL of the company's numbers."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.numbers.model import Number


async def all_numbers(tx: Tx) -> list[str]:
    return [row["e164"] for row in await tx.rows(sa.select(Number.e164).order_by(Number.e164))]


async def is_entered(tx: Tx, e164: str) -> bool:
    return bool(await tx.scalar(sa.select(sa.exists().where(Number.e164 == e164))))


async def put(tx: Tx, e164: str, name: str) -> None:
    await tx.execute(
        insert(Number)
        .values(e164=e164, name=name)
        .on_conflict_do_update(index_elements=[Number.e164], set_={"name": name})
    )
