"""All SQL of rule sets."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.states import move
from callcenter.setup.rule_sets.model import RULE_SET_TRANSITIONS, RuleSet, RuleSetState
from callcenter.setup.rule_sets.rules import RuleSetBody

MOST_PARSED = 8


@dataclass(frozen=True)
class Version:
    """A rule set as it is stored; `…_by` as the timeline names who did something."""

    version: int
    state: RuleSetState
    revision: int
    body: RuleSetBody
    note: str
    based_on: int | None
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    published_at: datetime | None
    published_by: str | None


_COLUMNS = tuple(c for c in RuleSet.__table__.columns if c.name != "digest")
_parsed: OrderedDict[str, RuleSetBody] = OrderedDict()  # by digest, which says all of a body: nothing here grows old


def _read(row: sa.RowMapping) -> Version:
    return Version(**{**row, "state": RuleSetState(row["state"]), "body": RuleSetBody.model_validate(row["body"])})


async def published(tx: Tx) -> tuple[int, RuleSetBody] | None:
    """The version that routes calls now. It is on every caller's way in, so its body is fetched and read once."""
    return await _read_once(tx, RuleSet.state == RuleSetState.PUBLISHED)


async def once_published(tx: Tx, number: int) -> RuleSetBody | None:
    """The rules of a version that is or was published, read once as well: keys are decided by them."""
    found = await _read_once(tx, sa.and_(RuleSet.version == number, RuleSet.state != RuleSetState.DRAFT))
    return found[1] if found else None


async def _read_once(tx: Tx, which: sa.ColumnElement[bool]) -> tuple[int, RuleSetBody] | None:
    row = await tx.row(sa.select(RuleSet.version, RuleSet.digest).where(which))
    if row is None:
        return None
    if row["digest"] not in _parsed:
        found = await tx.row(sa.select(RuleSet.body).where(RuleSet.version == row["version"]))
        assert found is not None, "published versions are neither changed nor deleted"
        _parsed[row["digest"]] = RuleSetBody.model_validate(found["body"])
        if len(_parsed) > MOST_PARSED:
            _parsed.popitem(last=False)
    return row["version"], _parsed[row["digest"]]


async def published_version(tx: Tx) -> int | None:
    query = sa.select(RuleSet.version).where(RuleSet.state == RuleSetState.PUBLISHED)
    return await tx.scalar(query)  # type: ignore[no-any-return]


async def draft(tx: Tx) -> Version | None:
    row = await tx.row(sa.select(*_COLUMNS).where(RuleSet.state == RuleSetState.DRAFT))
    return _read(row) if row else None


async def version(tx: Tx, number: int) -> Version | None:
    row = await tx.row(sa.select(*_COLUMNS).where(RuleSet.version == number))
    return _read(row) if row else None


async def versions(tx: Tx, limit: int, before: int | None = None) -> list[sa.RowMapping]:
    """Without their rules but with their number (`rules`), newest first; `before` is the last of the page before."""
    size = sa.func.jsonb_array_length(RuleSet.body["rules"]).label("rules")
    query = sa.select(*(c for c in _COLUMNS if c.name != "body"), size).order_by(RuleSet.version.desc()).limit(limit)
    return await tx.rows(query if before is None else query.where(RuleSet.version < before))


def written(body: RuleSetBody) -> dict[str, Any]:
    """As it is stored and shown: what was left out stays left out."""
    return body.model_dump(mode="json", by_alias=True, exclude_none=True)


async def insert_draft(tx: Tx, body: RuleSetBody, note: str, by: str) -> None:
    based_on = sa.select(RuleSet.version).where(RuleSet.state == RuleSetState.PUBLISHED).scalar_subquery()
    await tx.execute(
        sa.insert(RuleSet).values(
            state=RuleSetState.DRAFT, body=written(body), note=note, based_on=based_on, created_by=by, changed_by=by
        )
    )


async def change_draft(tx: Tx, body: RuleSetBody, note: str, by: str) -> None:
    await tx.execute(
        sa.update(RuleSet)
        .where(RuleSet.state == RuleSetState.DRAFT)
        .values(
            body=written(body), note=note, revision=RuleSet.revision + 1,
            changed_at=sa.func.clock_timestamp(), changed_by=by,
        )
    )  # fmt: skip


async def delete_draft(tx: Tx) -> None:
    await tx.execute(sa.delete(RuleSet).where(RuleSet.state == RuleSetState.DRAFT))


async def insert_published(tx: Tx, body: RuleSetBody, note: str, by: str, based_on: int | None) -> int:
    """A version that was never a draft here, such as a file's. The one published before has to be retired already."""
    return await tx.scalar(  # type: ignore[no-any-return]
        sa.insert(RuleSet)
        .values(
            state=RuleSetState.PUBLISHED, body=written(body), note=note, based_on=based_on, created_by=by,
            changed_by=by, published_at=sa.func.clock_timestamp(), published_by=by,
        )
        .returning(RuleSet.version)
    )  # fmt: skip


async def retire_published(tx: Tx) -> None:
    await tx.execute(move(RuleSet, RULE_SET_TRANSITIONS, RuleSetState.RETIRED))


async def set_published(tx: Tx, number: int, by: str) -> None:
    await tx.execute(
        move(RuleSet, RULE_SET_TRANSITIONS, RuleSetState.PUBLISHED)
        .where(RuleSet.version == number)
        .values(published_at=sa.func.clock_timestamp(), published_by=by)
    )
