"""SQL of API keys as people see them; how a key is recognised is in setup/users/store.py."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx, seconds
from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.users.model import ApiKey, User

_NOW = sa.func.clock_timestamp()
_SHOWN = (
    ApiKey.id, ApiKey.name, ApiKey.prefix, ApiKey.role, ApiKey.scopes, ApiKey.user_id, User.email.label("owner"),
    ApiKey.created_by, ApiKey.created_at, ApiKey.expires_at, ApiKey.last_used_at, ApiKey.revoked_at,
    sa.func.coalesce(ApiKey.expires_at <= _NOW, sa.false()).label("over"),
    User.disabled_at.is_not(None).label("owner_disabled"),
)  # fmt: skip


def _keys() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*_SHOWN).outerjoin(User, User.id == ApiKey.user_id)


async def page(tx: Tx, limit: int, before: str | None, user_id: str | None) -> list[sa.RowMapping]:
    """Latest first, of this user if one is named; `before` is the last id of the page before."""
    query = _keys().order_by(ApiKey.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ApiKey.id < before)
    return await tx.rows(query if user_id is None else query.where(ApiKey.user_id == user_id))


async def find(tx: Tx, key_id: str, user_id: str | None) -> sa.RowMapping | None:
    query = _keys().where(ApiKey.id == key_id)
    return await tx.row(query if user_id is None else query.where(ApiKey.user_id == user_id))


async def add(tx: Tx, values: Mapping[str, Any], lifetime_seconds: float) -> str:
    """The new key's id."""
    key_id = new_id()
    expires_at = _NOW + seconds(lifetime_seconds)
    await tx.execute(sa.insert(ApiKey).values(id=key_id, expires_at=expires_at, **values))
    return key_id


async def revoke(tx: Tx, key_id: str) -> str | None:
    """The hash of the key that is revoked now; None when it was already."""
    revoked = sa.update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=_NOW)
    return await tx.scalar(revoked.returning(ApiKey.key_hash))  # type: ignore[no-any-return]
