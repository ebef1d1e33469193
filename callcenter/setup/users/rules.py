"""Who may do what, how long a session lasts, how passwords and tokens are kept. No database here."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from callcenter.platform.plumbing.errors import NotAllowed, NotFound, NotSignedIn, ProductError, TooManyTries
from callcenter.setup.users.model import Role

# OWASP ASVS 5.0, 7.1.1 and 7.3: an inactivity timeout and an absolute lifetime, documented and enforced by the server.
SESSION_LIFETIME = timedelta(hours=12)
SESSION_IDLE_LIMIT = timedelta(hours=2)
SESSION_TOUCH_EVERY = timedelta(minutes=1)

# OWASP ASVS 5.0, 6.3.1: brute force is held back without locking anybody out on purpose. An email, whether or not it
# exists, has five tries from one address; the caps hold back many addresses on one email, and one on many emails.
THROTTLE_WINDOW = timedelta(minutes=5)
MOST_FAILURES = 5
MOST_FAILURES_OF_EMAIL = 50
MOST_FAILURES_OF_ADDRESS = 30
IPV6_NETWORK = 64  # what one customer gets at least (RFC 6177), so that changing the host part gains nothing

KEY_PREFIX = "cc_"
KEY_SHOWN = len(KEY_PREFIX) + 6  # of 43 random characters
TOKEN_BYTES = 32


class WrongPassword(NotSignedIn):
    """Wrong email or password."""


class SessionNeeded(NotAllowed):
    """Sign in for this: a key cannot do it."""


class UnknownUser(NotFound):
    """There is no user with this email."""


class SignInThrottled(TooManyTries):
    """Too many failed sign-ins. Try again later."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class SignInBusy(ProductError):
    """Too many people are signing in at once. Try again in a moment."""

    status = 503
    retry_after_seconds = 2


class Permission(StrEnum):
    OWN_SESSION = "own_session"
    OWN_KEYS = "own_keys"
    MANAGE_USERS = "manage_users"
    SEE_NUMBERS = "see_numbers"
    READ_CALLS = "read_calls"
    READ_EVENTS = "read_events"
    READ_LINES = "read_lines"
    READ_HEALTH = "read_health"
    READ_SETUP = "read_setup"
    EDIT_SETUP = "edit_setup"
    REPLAY_RULES = "replay_rules"
    READ_AUDIT = "read_audit"
    HEAR_VOICEMAILS = "hear_voicemails"
    EDIT_VOICEMAILS = "edit_voicemails"
    CANCEL_CALL_BACKS = "cancel_call_backs"
    SUPERVISE = "supervise"
    DRAIN_WORKERS = "drain_workers"
    END_CALLS = "end_calls"
    EXPORT_CALLS = "export_calls"
    MAKE_TEST_CALLS = "make_test_calls"
    REVIEW_LESSONS = "review_lessons"


_SUPERVISING = frozenset({
    Permission.READ_LINES, Permission.HEAR_VOICEMAILS, Permission.EDIT_VOICEMAILS, Permission.CANCEL_CALL_BACKS,
    Permission.SUPERVISE, Permission.SEE_NUMBERS, Permission.OWN_KEYS, Permission.END_CALLS,
    Permission.MAKE_TEST_CALLS,
})  # fmt: skip
_RUNNING = frozenset({
    Permission.EDIT_SETUP, Permission.READ_AUDIT, Permission.DRAIN_WORKERS, Permission.MANAGE_USERS,
    Permission.REVIEW_LESSONS,
})  # fmt: skip
_SOME = _RUNNING | _SUPERVISING | {Permission.REPLAY_RULES, Permission.EXPORT_CALLS}
_EVERYBODY = frozenset(Permission) - _SOME
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.SUPERVISOR: _EVERYBODY | _SUPERVISING | {Permission.EXPORT_CALLS},
    Role.ANALYST: _EVERYBODY | {Permission.REPLAY_RULES, Permission.OWN_KEYS, Permission.EXPORT_CALLS},
    Role.VIEWER: _EVERYBODY,
}


@dataclass(frozen=True)
class Person:
    id: str
    email: str
    name: str
    role: Role


class Credential(StrEnum):
    SESSION = "session"
    KEY = "key"


@dataclass(frozen=True)
class Principal:
    """Who asks, and by what: a person's session, or a key that may belong to a person. `scopes` are what a key is
    limited to; None where the role alone decides."""

    role: Role
    person: Person | None
    credential: Credential
    token_hash: str
    scopes: frozenset[Permission] | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        granted = GRANTS[self.role]
        return granted if self.scopes is None else granted & self.scopes

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def actor(self) -> str:
        """As the timeline names who did something."""
        return f"user:{self.person.id}" if self.person else "system"


def scopes_of(role: Role, scopes: Iterable[str] | None, maker: Role | None) -> frozenset[Permission] | None:
    """What a key is limited to: by its scopes, and by what the person who made it may today; None for neither."""
    if scopes is None and maker is None:
        return None
    known = {permission.value for permission in Permission}
    wanted = GRANTS[role] if scopes is None else {Permission(scope) for scope in scopes if scope in known}
    return frozenset(wanted if maker is None else wanted & GRANTS[maker])


@dataclass(frozen=True)
class Verdict:
    right: bool
    new_hash: str | None = None


def new_token(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def key_prefix(key: str) -> str:
    """The beginning of a key, by which people tell it from others; far too little to guess the rest."""
    return key[:KEY_SHOWN]


def token_hash(token: str) -> str:
    """SHA-256: a random token of 256 bits needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    """argon2id with RFC 9106's second recommendation (64 MiB): tens of milliseconds, so not on the event loop."""
    return PasswordHasher().hash(password)


@cache
def nobodys_hash() -> str:
    """A hash no password fits, so that an unknown email costs as much as a known one."""
    return hash_password(secrets.token_urlsafe(TOKEN_BYTES))


def check_password(stored: str | None, password: str) -> Verdict:
    """Whether it is the password; `new_hash` when the stored one is of outdated parameters. As slow for an unknown user
    (`stored` is None) as for a known one. Not on the event loop."""
    hasher = PasswordHasher()
    nobody = nobodys_hash()
    try:
        hasher.verify(stored or nobody, password)
    except (VerificationError, InvalidHashError):
        return Verdict(False)
    if stored is None:
        return Verdict(False)
    return Verdict(True, hasher.hash(password) if hasher.check_needs_rehash(stored) else None)


@dataclass(frozen=True)
class Failures:
    """Failed sign-ins within the window that count together, when the oldest was, and at how many the door closes."""

    number: int
    oldest: datetime | None
    most: int


def retry_after(counted: Iterable[Failures], now: datetime) -> int | None:
    """Seconds until the next try is allowed, or None when it is allowed now."""
    closed = [found.oldest for found in counted if found.number >= found.most and found.oldest is not None]
    if not closed:
        return None
    return max(1, int((max(closed) + THROTTLE_WINDOW - now).total_seconds()) + 1)


def address_of(host: str | None) -> str | None:
    """By what a client is known to the throttle: its IPv4 address or IPv6 network; None when it has none."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address), IPV6_NETWORK), strict=False))
        address = address.ipv4_mapped
    return str(address)
