"""SQL of invitations. Whether one is open is judged by the database's clock."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm

from callcenter.platform.plumbing.db import Tx, seconds
from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.users.model import Invitation, User

_NOW = sa.func.clock_timestamp()
_UNDECIDED = sa.and_(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
_Maker = sa.orm.aliased(User)
_SHOWN = (
    Invitation.id, Invitation.kind, Invitation.email, Invitation.role, Invitation.user_id, Invitation.created_at,
    Invitation.expires_at, Invitation.used_at, Invitation.revoked_at, _Maker.email.label("created_by"),
    _Maker.id.label("maker_id"), (Invitation.expires_at <= _NOW).label("over"),
)  # fmt: skip


def _invitations() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*_SHOWN).join(_Maker, _Maker.id == Invitation.created_by)


async def page(tx: Tx, limit: int, before: str | None) -> list[sa.RowMapping]:
    """Latest first; `before` is the last id of the page before."""
    query = _invitations().order_by(Invitation.id.desc()).limit(limit)
    return await tx.rows(query if before is None else query.where(Invitation.id < before))


async def find(tx: Tx, invitation_id: str) -> sa.RowMapping | None:
    return await tx.row(_invitations().where(Invitation.id == invitation_id))


async def open_one(tx: Tx, token_hash: str, *, lock: bool = False) -> sa.RowMapping | None:
    """The open invitation of this token; a reset of somebody who is disabled is none."""
    query = (
        _invitations()
        .add_columns(User.name, User.email.label("user_email"))
        .outerjoin(User, User.id == Invitation.user_id)
        .where(
            Invitation.token_hash == token_hash, _UNDECIDED, Invitation.expires_at > _NOW, User.disabled_at.is_(None)
        )
    )
    return await tx.row(query.with_for_update(of=Invitation) if lock else query)


async def supersede(tx: Tx, email: str) -> None:
    """Older links for this email open nothing any more."""
    older = sa.update(Invitation).where(sa.func.lower(Invitation.email) == email.lower(), _UNDECIDED)
    await tx.execute(older.values(revoked_at=_NOW))


async def add(tx: Tx, values: Mapping[str, Any], lifetime_seconds: float) -> str:
    invitation_id = new_id()
    expires_at = _NOW + seconds(lifetime_seconds)
    await tx.execute(sa.insert(Invitation).values(id=invitation_id, expires_at=expires_at, **values))
    return invitation_id


async def use(tx: Tx, invitation_id: str) -> None:
    """It is locked and open."""
    await tx.execute(sa.update(Invitation).where(Invitation.id == invitation_id, _UNDECIDED).values(used_at=_NOW))


async def revoke(tx: Tx, invitation_id: str) -> bool:
    """False when it was used or revoked before."""
    revoked = sa.update(Invitation).where(Invitation.id == invitation_id, _UNDECIDED).values(revoked_at=_NOW)
    return (await tx.execute(revoked)).rowcount > 0


async def revoke_by(tx: Tx, user_id: str) -> None:
    """Everything open that this user made: who may not invite any more has not invited."""
    theirs = sa.update(Invitation).where(Invitation.created_by == user_id, _UNDECIDED)
    await tx.execute(theirs.values(revoked_at=_NOW))


async def has_user(tx: Tx, email: str) -> bool:
    """Disabled users count, too."""
    known = sa.select(User.id).where(sa.func.lower(User.email) == email.lower())
    return await tx.scalar(known) is not None


async def lock_email(tx: Tx, email: str) -> None:
    """Two invitations of one email take turns."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(0x696E7669, sa.func.hashtext(email.lower()))))
