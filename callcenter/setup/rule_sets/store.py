"""All SQL of rule sets."""

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.states import move
from callcenter.setup.rule_sets.model import RULE_SET_TRANSITIONS, RuleSet, RuleSetState
from callcenter.setup.rule_sets.rules import RuleSetBody


async def published(tx: Tx) -> tuple[int, RuleSetBody] | None:
    """The version that routes calls now."""
    row = await tx.row(sa.select(RuleSet.version, RuleSet.body).where(RuleSet.state == RuleSetState.PUBLISHED))
    return (row["version"], RuleSetBody.model_validate(row["body"])) if row else None


async def insert_draft(tx: Tx, body: RuleSetBody, note: str) -> int:
    return await tx.scalar(  # type: ignore[no-any-return]
        sa.insert(RuleSet)
        .values(state=RuleSetState.DRAFT, body=body.model_dump(mode="json"), note=note)
        .returning(RuleSet.version)
    )


async def retire_published(tx: Tx) -> None:
    await tx.execute(move(RuleSet, RULE_SET_TRANSITIONS, RuleSetState.RETIRED))


async def set_published(tx: Tx, version: int) -> None:
    await tx.execute(
        move(RuleSet, RULE_SET_TRANSITIONS, RuleSetState.PUBLISHED)
        .where(RuleSet.version == version)
        .values(published_at=sa.func.clock_timestamp())
    )
