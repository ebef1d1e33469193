"""SQL of users, sessions, keys and failed sign-ins. Sessions are judged by the database's clock."""

from dataclasses import dataclass

import sqlalchemy as sa
import sqlalchemy.orm
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.users import rules
from callcenter.setup.users.model import ApiKey, Role, SignInFailure, User, UserSession
from callcenter.setup.users.rules import Failures, Person

_NOW = sa.func.clock_timestamp()
LIVE_SESSION = sa.and_(
    UserSession.expires_at > _NOW,
    UserSession.last_seen_at > _NOW - rules.SESSION_IDLE_LIMIT,
    User.disabled_at.is_(None),
)
_EMAIL_LOCK = 0x7369676E  # "sign": the first half of the advisory lock of one email's sign-ins
_ADDRESS_LOCK = 0x66726F6D  # "from": of one address's


@dataclass(frozen=True)
class KnownUser:
    person: Person
    password_hash: str


def person_of(row: sa.RowMapping) -> Person:
    return Person(str(row["id"]), row["email"], row["name"], Role(row["role"]))


async def user_by_email(tx: Tx, email: str) -> KnownUser | None:
    """The user who may sign in with this email, in any case of letters."""
    found = sa.select(User.id, User.email, User.name, User.role, User.password_hash).where(
        sa.func.lower(User.email) == email.lower(), User.disabled_at.is_(None)
    )
    row = await tx.row(found)
    return KnownUser(person_of(row), row["password_hash"]) if row else None


async def add_user(tx: Tx, email: str, name: str, role: Role, password_hash: str) -> bool:
    """False when there is a user with this email already, who then stays unchanged."""
    values = {"id": new_id(), "email": email, "name": name, "role": role, "password_hash": password_hash}
    added = insert(User).values(values).on_conflict_do_nothing(index_elements=[sa.func.lower(User.email)])
    return await tx.scalar(added.returning(User.id)) is not None


async def is_still(tx: Tx, user: KnownUser) -> bool:
    """Whether this user still has the password that was checked and may sign in. If so, neither changes before the
    transaction ends."""
    same = sa.select(User.id).where(
        User.id == user.person.id, User.password_hash == user.password_hash, User.disabled_at.is_(None)
    )
    return await tx.scalar(same.with_for_update(key_share=True)) is not None


async def set_password_hash(tx: Tx, user_id: str, old: str, new: str) -> None:
    await tx.execute(sa.update(User).where(User.id == user_id, User.password_hash == old).values(password_hash=new))


async def replace_password(tx: Tx, user_id: str, new: str) -> None:
    await tx.execute(sa.update(User).where(User.id == user_id).values(password_hash=new))


async def lock_sign_in(tx: Tx, email: str, address: str | None) -> None:
    """One sign-in of an email or address at a time counts its failures, so that a burst cannot pass the throttle
    together. The email's lock always comes first."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_EMAIL_LOCK, sa.func.hashtext(email.lower()))))
    if address is not None:
        await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADDRESS_LOCK, sa.func.hashtext(address))))


async def failures(tx: Tx, email: str, address: str | None) -> list[Failures]:
    """What counts now against another try: of this email from this address, of the email, from the address."""
    of_email, from_address = SignInFailure.email == email.lower(), SignInFailure.address == address
    counted = [(_tries_of(email, address), rules.MOST_FAILURES), (of_email, rules.MOST_FAILURES_OF_EMAIL)]
    if address is not None:
        counted.append((from_address, rules.MOST_FAILURES_OF_ADDRESS))
    found = []
    for which, most in counted:
        recent = sa.select(sa.func.count().label("number"), sa.func.min(SignInFailure.at).label("oldest")).where(
            which, SignInFailure.at > _NOW - rules.THROTTLE_WINDOW
        )
        (row,) = await tx.rows(recent)
        found.append(Failures(row["number"], row["oldest"], most))
    return found


def _tries_of(email: str, address: str | None) -> sa.ColumnElement[bool]:
    return sa.and_(SignInFailure.email == email.lower(), SignInFailure.address.is_not_distinct_from(address))


async def add_failure(tx: Tx, email: str, address: str | None) -> None:
    """Also forgets those of anybody that no longer count."""
    await tx.execute(sa.insert(SignInFailure).values(email=email.lower(), address=address))
    old = (
        sa.select(SignInFailure.id)
        .where(SignInFailure.at < _NOW - rules.THROTTLE_WINDOW)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    await tx.execute(sa.delete(SignInFailure).where(SignInFailure.id.in_(old)))


async def clear_failures(tx: Tx, email: str, address: str | None) -> None:
    """Only those from this address: somebody else's tries elsewhere go on counting."""
    await tx.execute(sa.delete(SignInFailure).where(_tries_of(email, address)))


async def clear_failures_of(tx: Tx, email: str) -> None:
    """From everywhere: the password is another one now."""
    await tx.execute(sa.delete(SignInFailure).where(SignInFailure.email == email.lower()))


async def add_session(tx: Tx, user_id: str, token_hash: str, device: str = "", address: str | None = None) -> None:
    """Also forgets this user's sessions that are over."""
    over = sa.or_(UserSession.expires_at <= _NOW, UserSession.last_seen_at <= _NOW - rules.SESSION_IDLE_LIMIT)
    await tx.execute(sa.delete(UserSession).where(UserSession.user_id == user_id, over))
    expires_at = _NOW + rules.SESSION_LIFETIME
    values = {"token_hash": token_hash, "user_id": user_id, "device": device, "address": address}
    await tx.execute(sa.insert(UserSession).values(expires_at=expires_at, **values))
    await tx.execute(sa.update(User).where(User.id == user_id).values(last_seen_at=_NOW))


async def delete_session(tx: Tx, token_hash: str) -> None:
    await tx.execute(sa.delete(UserSession).where(UserSession.token_hash == token_hash))


async def delete_sessions_of(tx: Tx, user_id: str, but: str | None = None) -> list[str]:
    """End a user's sessions, all or all `but` the one of this token's hash; the hashes of those that are gone."""
    gone = sa.delete(UserSession).where(UserSession.user_id == user_id).returning(UserSession.token_hash)
    if but is not None:
        gone = gone.where(UserSession.token_hash != but)
    return [row["token_hash"] for row in await tx.rows(gone)]


async def session_person(tx: Tx, token_hash: str) -> Person | None:
    """Whose live session this is."""
    row = await tx.row(
        sa.select(User.id, User.email, User.name, User.role)
        .join(UserSession, UserSession.user_id == User.id)
        .where(UserSession.token_hash == token_hash, LIVE_SESSION)
    )
    return person_of(row) if row else None


async def touch_session(tx: Tx, token_hash: str, user_id: str) -> None:
    """Somebody uses it. Written at most once a minute, to spare the disk."""
    stale = UserSession.last_seen_at < _NOW - rules.SESSION_TOUCH_EVERY
    session = sa.update(UserSession).where(UserSession.token_hash == token_hash, stale).values(last_seen_at=_NOW)
    if (await tx.execute(session)).rowcount:
        await tx.execute(sa.update(User).where(User.id == user_id).values(last_seen_at=_NOW))


async def add_key(tx: Tx, key: str, role: Role, user_id: str | None) -> None:
    values = {"key_hash": rules.token_hash(key), "prefix": rules.key_prefix(key), "role": role, "user_id": user_id}
    await tx.execute(sa.insert(ApiKey).values(id=new_id(), **values))


async def delete_key(tx: Tx, key_hash: str) -> None:
    await tx.execute(sa.delete(ApiKey).where(ApiKey.key_hash == key_hash))


@dataclass(frozen=True)
class KeyOwner:
    """What a key opens: its role, the person it acts for, its scopes, and who made it and bounds it, if they do."""

    role: Role
    person: Person | None
    scopes: list[str] | None
    maker: Role | None


async def key_owner(tx: Tx, key_hash: str) -> KeyOwner | None:
    """None for a key that is unknown, revoked, over, or of a disabled user."""
    maker = sa.orm.aliased(User)
    row = await tx.row(
        sa.select(
            ApiKey.role.label("key_role"), ApiKey.scopes, maker.role.label("maker"),
            User.id, User.email, User.name, User.role,
        )
        .outerjoin(User, ApiKey.user_id == User.id)
        .outerjoin(maker, ApiKey.created_by == maker.id)
        .where(
            ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_(None), User.disabled_at.is_(None),
            maker.disabled_at.is_(None), sa.or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > _NOW),
        )
    )  # fmt: skip
    if row is None:
        return None
    person = person_of(row) if row["id"] else None
    return KeyOwner(Role(row["key_role"]), person, row["scopes"], Role(row["maker"]) if row["maker"] else None)


async def touch_key(tx: Tx, key_hash: str) -> None:
    """Somebody uses it. Written at most once a minute, to spare the disk."""
    stale = sa.or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < _NOW - rules.SESSION_TOUCH_EVERY)
    await tx.execute(sa.update(ApiKey).where(ApiKey.key_hash == key_hash, stale).values(last_used_at=_NOW))
