"""Inviting a colleague, starting a password reset, and using either link."""

from datetime import timedelta

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict, FieldError, NotFound
from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author, author
from callcenter.setup.invitations import store
from callcenter.setup.users import rules
from callcenter.setup.users import store as users
from callcenter.setup.users.flow import a_persons_session
from callcenter.setup.users.model import InvitationKind, Role, User
from callcenter.setup.users.rules import Principal

# Whoever has the link has the account: it lives for as long as it takes to hand it over, not longer.
LIFETIMES = {InvitationKind.JOIN: timedelta(days=3), InvitationKind.RESET: timedelta(hours=24)}


class NoSuchInvitation(NotFound):
    """There is no such invitation."""


class DeadLink(NotFound):
    """This link is not valid, or not any more: it works once, and for a time. Ask an admin for a new one."""


class IsUserAlready(Conflict):
    """Somebody with this email is a user already."""


class NotOpen(Conflict):
    """It was used or revoked before."""


async def invite(tx: Tx, principal: Principal, email: str, role: Role) -> tuple[sa.RowMapping, str]:
    """Invite somebody new; the invitation and its token, which is told this once. Older links for this email end.

    Raises SessionNeeded, IsUserAlready.
    """
    await store.lock_email(tx, email)
    if await store.has_user(tx, email):
        raise IsUserAlready(errors=(FieldError("email", email, "the email of somebody who is no user yet"),))
    return await _make(tx, principal, InvitationKind.JOIN, email, role, None)


async def reset(tx: Tx, principal: Principal, user: sa.RowMapping) -> tuple[sa.RowMapping, str]:
    """A link by which this user sets a new password. The old one is good until then. Raises SessionNeeded, NotOpen."""
    if user["disabled_at"] is not None:
        raise NotOpen("This user is disabled: enable them first.")
    await store.lock_email(tx, user["email"])
    return await _make(tx, principal, InvitationKind.RESET, user["email"], Role(user["role"]), str(user["id"]))


async def _make(
    tx: Tx, principal: Principal, kind: InvitationKind, email: str, role: Role, user_id: str | None
) -> tuple[sa.RowMapping, str]:
    person = a_persons_session(principal)
    await store.supersede(tx, email)
    token = rules.new_token()
    values = {
        "token_hash": rules.token_hash(token), "kind": kind, "email": email, "role": role, "user_id": user_id,
        "created_by": person.id,
    }  # fmt: skip
    row = await find(tx, await store.add(tx, values, LIFETIMES[kind].total_seconds()))
    after = {"kind": kind, "role": role, "expires_at": row["expires_at"].isoformat()}
    await audit.record(tx, author(principal), Change.CREATED, Thing.INVITATION, email, after=after)
    return row, token


async def find(tx: Tx, invitation_id: str) -> sa.RowMapping:
    """Raises NoSuchInvitation."""
    row = await store.find(tx, invitation_id)
    if row is None:
        raise NoSuchInvitation()
    return row


async def revoke(tx: Tx, principal: Principal, invitation_id: str) -> None:
    """The link opens nothing any more. Raises NoSuchInvitation, NotOpen."""
    row = await find(tx, invitation_id)
    if not await store.revoke(tx, invitation_id):
        raise NotOpen()
    before = {"kind": row["kind"], "role": row["role"]}
    await audit.record(tx, author(principal), Change.DELETED, Thing.INVITATION, row["email"], before=before)


async def of_token(tx: Tx, token: str, *, lock: bool = False) -> sa.RowMapping:
    """The open invitation of a link. Raises DeadLink, one for every reason: a guess learns nothing."""
    row = await store.open_one(tx, rules.token_hash(token), lock=lock)
    if row is None:
        raise DeadLink()
    return row


async def accept(tx: Tx, token: str, name: str | None, password_hash: str) -> tuple[str, list[str]]:
    """Use a link, once: make the user, or set the password and end every session of theirs. The email with which they
    sign in, and the hashes of the tokens that ended. Raises DeadLink, IsUserAlready."""
    row = await of_token(tx, token, lock=True)
    await store.use(tx, str(row["id"]))
    if row["user_id"] is not None:
        user_id = str(row["user_id"])
        await users.replace_password(tx, user_id, password_hash)
        await users.clear_failures_of(tx, row["user_email"])
        who, after = Author(f"user:{user_id}", row["user_email"]), {"by": "a reset link", "from": row["created_by"]}
        await audit.record(tx, who, Change.CHANGED, Thing.PASSWORD, row["user_email"], after=after)
        return str(row["user_email"]), await users.delete_sessions_of(tx, user_id)
    user_id = new_id()
    values = {"id": user_id, "email": row["email"], "name": name, "role": row["role"], "password_hash": password_hash}
    if await store.has_user(tx, row["email"]):
        raise IsUserAlready()
    await tx.execute(sa.insert(User).values(values))
    about = {"name": name, "role": row["role"], "invited_by": row["created_by"]}
    await audit.record(
        tx, Author(f"user:{user_id}", row["email"]), Change.CREATED, Thing.USER, row["email"], after=about
    )
    return str(row["email"]), []
