"""What of the set-up, besides rules, needs a caller list."""

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError
from callcenter.setup.profiles.model import Profile


async def needed_by(tx: Tx, name: str) -> list[FieldError]:
    """Every profile whose agents ask for a human when a caller of this list calls."""
    named = Profile.body["escalation"]["caller_list"].astext == name
    rows = await tx.rows(sa.select(Profile.name).where(named).order_by(sa.collate(Profile.name, "C")))
    expected = "another caller list, or none"
    return [FieldError(f"profiles.{row['name']}.escalation.caller_list", name, expected) for row in rows]
