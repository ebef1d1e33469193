"""Signing in and out, and the keys of programs."""

import asyncio
from collections.abc import Iterable

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.users import rules, store
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import Credential, Principal, SignInThrottled, UnknownUser


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


async def open_session(tx: Tx, user: store.KnownUser, address: str | None, new_hash: str | None) -> str:
    """The password was right: the new session's token, which only the browser keeps."""
    await store.clear_failures(tx, user.person.email, address)
    if new_hash is not None:
        await store.set_password_hash(tx, user.person.id, user.password_hash, new_hash)
    token = rules.new_token()
    await store.add_session(tx, user.person.id, rules.token_hash(token))
    return token


async def close_session(tx: Tx, token_hash: str) -> None:
    await store.delete_session(tx, token_hash)


async def by_session(tx: Tx, token_hash: str) -> Principal | None:
    person = await store.session_person(tx, token_hash)
    return Principal(person.role, person, Credential.SESSION, token_hash) if person else None


async def by_key(tx: Tx, token_hash: str) -> Principal | None:
    owner = await store.key_owner(tx, token_hash)
    return Principal(owner[0], owner[1], Credential.KEY, token_hash) if owner else None


async def still_valid(tx: Tx, principal: Principal) -> bool:
    """Whether the session or key with which a long connection was opened is still good."""
    again = by_session if principal.credential is Credential.SESSION else by_key
    found = await again(tx, principal.token_hash)
    return found is not None and found.role == principal.role


async def add_key(tx: Tx, role: Role, email: str | None = None) -> str:
    """A new API key, shown once. Raises UnknownUser when nobody has this email."""
    user = await store.user_by_email(tx, email) if email is not None else None
    if email is not None and user is None:
        raise UnknownUser()
    key = rules.new_token(rules.KEY_PREFIX)
    await store.add_key(tx, rules.token_hash(key), role, user.person.id if user else None)
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
