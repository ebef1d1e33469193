"""Making and revoking API keys."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid, NotFound
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import author
from callcenter.setup.keys import store
from callcenter.setup.users import rules
from callcenter.setup.users.flow import a_persons_session
from callcenter.setup.users.model import Role
from callcenter.setup.users.rules import GRANTS, Permission, Principal

# A mask that is read and written back would overwrite the number. Who joins a call gets a token for its room, and the
# room's name holds the number.
_NEEDS = {Permission.EDIT_SETUP: Permission.SEE_NUMBERS, Permission.SUPERVISE: Permission.SEE_NUMBERS}


class NoSuchKey(NotFound):
    """There is no such key."""


class TooMuch(Invalid):
    """A key may do no more than whoever makes it."""


@dataclass(frozen=True)
class Wish:
    """A key to be made; `scopes` None: everything its role may."""

    name: str
    role: Role
    scopes: frozenset[Permission] | None
    lifetime: timedelta


def check(wish: Wish, principal: Principal) -> None:
    """Raises TooMuch."""
    errors = []
    if missing := sorted(GRANTS[wish.role] - principal.permissions):
        errors.append(FieldError("role", wish.role.value, f"a role without {', '.join(missing)}: you have not got it"))
    for scope in sorted(wish.scopes or ()):
        if scope not in GRANTS[wish.role]:
            errors.append(FieldError("scopes", scope.value, f"what the role {wish.role.value} may"))
        elif wish.scopes is not None and (needed := _NEEDS.get(scope)) and needed not in wish.scopes:
            errors.append(FieldError("scopes", scope.value, f"together with {needed.value}"))
    if errors:
        raise TooMuch(errors=tuple(errors))


async def make(tx: Tx, principal: Principal, wish: Wish) -> tuple[sa.RowMapping, str]:
    """A new key of the person who asks, and its text, which is told this once. Raises SessionNeeded, TooMuch."""
    person = a_persons_session(principal)
    check(wish, principal)
    key = rules.new_token(rules.KEY_PREFIX)
    scopes = None if wish.scopes is None else sorted(scope.value for scope in wish.scopes)
    values = {
        "key_hash": rules.token_hash(key), "prefix": rules.key_prefix(key), "name": wish.name, "role": wish.role,
        "scopes": scopes, "user_id": person.id, "created_by": person.id,
    }  # fmt: skip
    row = await find(tx, await store.add(tx, values, wish.lifetime.total_seconds()), None)
    about = {"name": wish.name, "role": wish.role, "scopes": scopes, "expires_at": row["expires_at"].isoformat()}
    await audit.record(tx, author(principal), Change.CREATED, Thing.API_KEY, row["prefix"], after=about)
    return row, key


async def find(tx: Tx, key_id: str, user_id: str | None) -> sa.RowMapping:
    """A key, of this user if one is named. Raises NoSuchKey."""
    row = await store.find(tx, key_id, user_id)
    if row is None:
        raise NoSuchKey()
    return row


async def revoke(tx: Tx, principal: Principal, key_id: str, user_id: str | None) -> str | None:
    """End a key, of this user if one is named; its hash, None when it had ended already. Raises NoSuchKey."""
    row = await find(tx, key_id, user_id)
    key_hash = await store.revoke(tx, key_id)
    if key_hash is not None:
        before = {"name": row["name"], "role": row["role"], "owner": row["owner"]}
        await audit.record(tx, author(principal), Change.DELETED, Thing.API_KEY, row["prefix"], before=before)
    return key_hash
