"""Who may do what, how long a session lasts, how passwords and tokens are kept. No database here."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from callcenter.platform.plumbing.errors import NotFound, NotSignedIn, TooManyTries
from callcenter.setup.users.model import Role

# OWASP ASVS 5.0, 7.1.1 and 7.3: an inactivity timeout and an absolute lifetime, documented and enforced by the server.
SESSION_LIFETIME = timedelta(hours=12)
SESSION_IDLE_LIMIT = timedelta(hours=2)
SESSION_TOUCH_EVERY = timedelta(minutes=1)

# OWASP ASVS 5.0, 6.3.1: brute force is held back; here by account, whether or not it exists.
THROTTLE_FAILURES = 5
THROTTLE_WINDOW = timedelta(minutes=5)

KEY_PREFIX = "cc_"
TOKEN_BYTES = 32


class WrongPassword(NotSignedIn):
    """Wrong email or password."""


class UnknownUser(NotFound):
    """There is no user with this email."""


class SignInThrottled(TooManyTries):
    """Too many failed sign-ins for this email. Try again later."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class Permission(StrEnum):
    OWN_SESSION = "own_session"
    READ_CALLS = "read_calls"
    READ_EVENTS = "read_events"
    READ_HEALTH = "read_health"


_EVERYBODY = frozenset(Permission)
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: _EVERYBODY,
    Role.SUPERVISOR: _EVERYBODY,
    Role.ANALYST: _EVERYBODY,
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
    """Who asks, and by what: a person's session, or a key that may belong to a person."""

    role: Role
    person: Person | None
    credential: Credential
    token_hash: str

    def may(self, permission: Permission) -> bool:
        return permission in GRANTS[self.role]

    @property
    def actor(self) -> str:
        """As the timeline names who did something."""
        return f"user:{self.person.id}" if self.person else "system"


@dataclass(frozen=True)
class Verdict:
    right: bool
    new_hash: str | None = None


def new_token(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


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


def retry_after(failures: int, oldest: datetime | None, now: datetime) -> int | None:
    """Seconds until the next try is allowed, or None when it is allowed now."""
    if failures < THROTTLE_FAILURES or oldest is None:
        return None
    return max(1, int((oldest + THROTTLE_WINDOW - now).total_seconds()) + 1)
