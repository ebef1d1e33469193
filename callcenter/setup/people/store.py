"""SQL of the list of users, and of sessions as people see them."""

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.users.model import ApiKey, Role, User, UserSession
from callcenter.setup.users.store import LIVE_SESSION

_NOW = sa.func.clock_timestamp()
_SHOWN = (User.id, User.email, User.name, User.role, User.disabled_at, User.created_at, User.last_seen_at)
_SESSION = (
    UserSession.id, UserSession.user_id, UserSession.token_hash, UserSession.device, UserSession.address,
    UserSession.created_at, UserSession.last_seen_at, UserSession.expires_at, User.email,
)  # fmt: skip


async def page(tx: Tx, limit: int, after: str | None) -> list[sa.RowMapping]:
    """In the order of their emails; `after` is the last one of the page before."""
    email = sa.collate(sa.func.lower(User.email), "C")
    query = sa.select(*_SHOWN).order_by(email).limit(limit)
    return await tx.rows(query if after is None else query.where(email > after))


async def find(tx: Tx, user_id: str, *, lock: bool = False) -> sa.RowMapping | None:
    query = sa.select(*_SHOWN).where(User.id == user_id)
    return await tx.row(query.with_for_update() if lock else query)


async def lock_admins(tx: Tx) -> list[str]:
    """The users who are admins and may sign in. Until the transaction ends nobody else takes one of them away."""
    admins = sa.select(User.id).where(User.role == Role.ADMIN, User.disabled_at.is_(None))
    return [str(row["id"]) for row in await tx.rows(admins.order_by(User.id).with_for_update())]


async def update(tx: Tx, user_id: str, name: str, role: str, *, disabled: bool) -> None:
    since = sa.func.coalesce(User.disabled_at, _NOW) if disabled else None
    values = {"name": name, "role": role, "disabled_at": since}
    await tx.execute(sa.update(User).where(User.id == user_id).values(values))


async def revoke_keys_of(tx: Tx, user_id: str) -> list[str]:
    """Every key that acts for this user or was made by them; the hashes of those that are gone."""
    theirs = sa.or_(ApiKey.user_id == user_id, ApiKey.created_by == user_id)
    revoked = sa.update(ApiKey).where(theirs, ApiKey.revoked_at.is_(None)).values(revoked_at=_NOW)
    return [row["key_hash"] for row in await tx.rows(revoked.returning(ApiKey.key_hash))]


async def sessions(tx: Tx, user_id: str) -> list[sa.RowMapping]:
    """A user's live sessions, last used first."""
    query = sa.select(*_SESSION).join(User, User.id == UserSession.user_id)
    return await tx.rows(query.where(User.id == user_id, LIVE_SESSION).order_by(UserSession.last_seen_at.desc()))


async def delete_session(tx: Tx, session_id: str, user_id: str | None) -> sa.RowMapping | None:
    """End a session, of this user if one is named; what it was, or None where there is none."""
    query = sa.select(*_SESSION).join(User, User.id == UserSession.user_id).where(UserSession.id == session_id)
    row = await tx.row(query if user_id is None else query.where(User.id == user_id))
    if row is not None:
        await tx.execute(sa.delete(UserSession).where(UserSession.id == session_id))
    return row
