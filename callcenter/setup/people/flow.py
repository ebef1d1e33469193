"""Changing users, and ending what they have open."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.editions import Expected, edition_of
from callcenter.platform.plumbing.errors import Conflict, FieldError, NotFound
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import author
from callcenter.setup.invitations import store as invitations
from callcenter.setup.people import store
from callcenter.setup.users import store as users
from callcenter.setup.users.flow import a_persons_session
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import Principal


class NoSuchUser(NotFound):
    """There is no such user."""


class NoSuchSession(NotFound):
    """There is no such session, or it is over."""


class LastAdmin(Conflict):
    """Somebody must be able to manage users: make somebody else an admin first."""


@dataclass(frozen=True)
class Wish:
    """What is to become of a user; None: as it is."""

    name: str | None = None
    role: Role | None = None
    disabled: bool | None = None


def about(row: sa.RowMapping) -> dict[str, Any]:
    """What can be changed of a user, as plain data."""
    return {"name": row["name"], "role": row["role"], "disabled": row["disabled_at"] is not None}


def edition(row: sa.RowMapping) -> str:
    return edition_of(about(row))


async def find(tx: Tx, user_id: str, *, lock: bool = False) -> sa.RowMapping:
    """Raises NoSuchUser."""
    row = await store.find(tx, user_id, lock=lock)
    if row is None:
        raise NoSuchUser()
    return row


async def change(
    tx: Tx, principal: Principal, user_id: str, wish: Wish, expected: Expected
) -> tuple[sa.RowMapping, list[str]]:
    """Change a user; how they are now, and the hashes of the credentials that ended with it.

    Who is disabled loses every session and key at once, and their open invitations; who is no admin any more loses the
    invitations. Another role, and letting somebody in again, takes a person who has signed in: a stolen key would make
    itself an admin by it who stays. Raises NoSuchUser, EditionMissing, EditionChanged, SessionNeeded, LastAdmin.
    """
    admins = await store.lock_admins(tx)
    found = await find(tx, user_id, lock=True)
    expected.check(edition(found))
    before = about(found)
    after = before | {name: value for name, value in vars(wish).items() if value is not None}
    if after == before:
        return found, []
    if after["role"] != before["role"] or (before["disabled"] and not after["disabled"]):
        a_persons_session(principal)
    may_manage = after["role"] == Role.ADMIN and not after["disabled"]
    if admins == [user_id] and not may_manage:
        field, value = ("disabled", True) if after["disabled"] else ("role", after["role"])
        raise LastAdmin(errors=(FieldError(field, value, "another admin first: this is the last one"),))
    await store.update(tx, user_id, after["name"], after["role"], disabled=after["disabled"])
    ended = []
    if after["disabled"]:
        ended = await users.delete_sessions_of(tx, user_id) + await store.revoke_keys_of(tx, user_id)
    if not may_manage:
        await invitations.revoke_by(tx, user_id)
    await audit.record(tx, author(principal), Change.CHANGED, Thing.USER, found["email"], before=before, after=after)
    return await find(tx, user_id), ended


async def end_session(tx: Tx, principal: Principal, session_id: str, anybodys: bool) -> str:
    """End one session, of `anybodys` or of one's own; the hash of its token. Raises NoSuchSession."""
    own = principal.person.id if principal.person else None
    if own is None and not anybodys:
        raise NoSuchSession()
    row = await store.delete_session(tx, session_id, None if anybodys else own)
    if row is None:
        raise NoSuchSession()
    before = {"device": row["device"], "created_at": row["created_at"].isoformat()}
    await audit.record(tx, author(principal), Change.DELETED, Thing.SESSION, row["email"], before=before)
    return str(row["token_hash"])


async def end_other_sessions(tx: Tx, principal: Principal) -> list[str]:
    """End all sessions of the person who asks but this one; the hashes of their tokens."""
    person = principal.person
    assert person is not None
    ended = await users.delete_sessions_of(tx, person.id, but=principal.token_hash)
    if ended:
        before = {"sessions": len(ended)}
        await audit.record(tx, author(principal), Change.DELETED, Thing.SESSION, person.email, before=before)
    return ended
