"""Signing in and out, and the keys of programs."""

import asyncio
from collections.abc import Iterable

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import author
from callcenter.setup.invitations import store as invitations
from callcenter.setup.users import rules, store
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import (
    Credential,
    Person,
    Principal,
    SessionNeeded,
    SignInThrottled,
    UnknownUser,
    WrongPassword,
)


async def begin_sign_in(tx: Tx, email: str, address: str | None) -> store.KnownUser | None:
    """Count this try as failed until it has succeeded, and give the user with this email, if there is one.

    `address` is as `rules.address_of` gives it. Raises SignInThrottled after too many failures within 5 minutes:
    5 of this email from this address, 50 of this email, or 30 from this address.
    """
    await store.lock_sign_in(tx, email, address)
    wait = rules.retry_after(await store.failures(tx, email, address), await tx.now())
    if wait is not None:
        raise SignInThrottled(wait)
    await store.add_failure(tx, email, address)
    return await store.user_by_email(tx, email)


async def open_session(
    tx: Tx, user: store.KnownUser, address: str | None, new_hash: str | None, device: str = ""
) -> str:
    """The password was right: the new session's token, which only the browser keeps.

    Checking it takes a while, outside of any transaction. Raises WrongPassword where it was changed, or the user
    disabled, meanwhile: what ended all sessions must not miss this one.
    """
    if not await store.is_still(tx, user):
        raise WrongPassword()
    await store.clear_failures(tx, user.person.email, address)
    if new_hash is not None:
        await store.set_password_hash(tx, user.person.id, user.password_hash, new_hash)
    token = rules.new_token()
    principal = Principal(user.person.role, user.person, Credential.SESSION, rules.token_hash(token))
    await store.add_session(tx, user.person.id, principal.token_hash, device, address)
    about = {"device": device}
    await audit.record(tx, author(principal), Change.CREATED, Thing.SESSION, user.person.email, after=about)
    return token


async def close_session(tx: Tx, principal: Principal) -> None:
    """Sign out."""
    await store.delete_session(tx, principal.token_hash)
    if principal.person is not None:
        await audit.record(tx, author(principal), Change.DELETED, Thing.SESSION, principal.person.email)


async def change_password(
    tx: Tx, principal: Principal, user: store.KnownUser, new_hash: str, address: str | None
) -> list[str]:
    """The old one was right. Ends the other sessions, and the links by which another could be set; the hashes of the
    sessions' tokens. Raises WrongPassword where the old one was changed, or the user disabled, meanwhile."""
    person = a_persons_session(principal)
    await invitations.supersede(tx, person.email)  # locks links before users, as using a link does
    if not await store.is_still(tx, user):
        raise WrongPassword()
    await store.clear_failures(tx, person.email, address)
    await store.replace_password(tx, person.id, new_hash)
    await audit.record(tx, author(principal), Change.CHANGED, Thing.PASSWORD, person.email)
    return await store.delete_sessions_of(tx, person.id, but=principal.token_hash)


def a_persons_session(principal: Principal) -> Person:
    """Raises SessionNeeded for a key: what hands out new credentials takes somebody who has signed in, so that a key
    that was stolen cannot make itself another."""
    if principal.person is None or principal.credential is not Credential.SESSION:
        raise SessionNeeded()
    return principal.person


async def by_session(tx: Tx, token_hash: str) -> Principal | None:
    person = await store.session_person(tx, token_hash)
    return Principal(person.role, person, Credential.SESSION, token_hash) if person else None


async def by_key(tx: Tx, token_hash: str) -> Principal | None:
    owner = await store.key_owner(tx, token_hash)
    if owner is None:
        return None
    scopes = rules.scopes_of(owner.role, owner.scopes, owner.maker)
    return Principal(owner.role, owner.person, Credential.KEY, token_hash, scopes)


async def still_known(tx: Tx, principal: Principal) -> Principal | None:
    """Whom the session or key of a long connection stands for now; None when it is not good any more."""
    known = by_session if principal.credential is Credential.SESSION else by_key
    return await known(tx, principal.token_hash)


async def still_valid(tx: Tx, principal: Principal) -> bool:
    """Whether a long connection's session or key is still good, for all that it was good for."""
    found = await still_known(tx, principal)
    return found is not None and found.permissions == principal.permissions


async def add_key(tx: Tx, role: Role, email: str | None = None) -> str:
    """A new API key, shown once. Raises UnknownUser when nobody has this email."""
    user = await store.user_by_email(tx, email) if email is not None else None
    if email is not None and user is None:
        raise UnknownUser()
    key = rules.new_token(rules.KEY_PREFIX)
    await store.add_key(tx, key, role, user.person.id if user else None)
    return key


async def delete_key(tx: Tx, key: str) -> None:
    await store.delete_key(tx, rules.token_hash(key))


async def seed_users(tx: Tx, users: Iterable[tuple[str, str, str, str]]) -> int:
    """Add users given as (email, name, role, password); those already there stay as they are. How many were new."""
    added = 0
    for email, name, role, password in users:
        password_hash = await asyncio.to_thread(rules.hash_password, password)
        added += await store.add_user(tx, email, name, Role(role), password_hash)
    return added
