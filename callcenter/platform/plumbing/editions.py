"""Edits that do not overwrite one another: who changes something says which edition they read (RFC 9110, section 13).

An edition is named by a keyed hash of what it says: nothing needs to be stored for it, whoever writes, and nobody
can try out what is hidden from them in what they read.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from callcenter.platform.plumbing.errors import ProductError

DIGITS = 32
_key = secrets.token_bytes(32)


class EditionMissing(ProductError):
    """Say which edition you change: If-Match with the ETag you have read, or If-None-Match: * for something new."""

    status = 428


class EditionChanged(ProductError):
    """Somebody has changed this since you read it. Read it again, then repeat your change."""

    status = 412


class ExistsAlready(EditionChanged):
    """This exists already, and If-None-Match: * asks for something new. Read it, then send If-Match with its ETag."""


def keyed(secret: str) -> None:
    """Name editions as every process that knows this secret does."""
    global _key
    _key = hashlib.sha256(f"editions {secret}".encode()).digest()


def edition_of(body: Any) -> str:
    """The name of an edition, without quotes; `body` is plain data as JSON holds it."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(_key, text.encode(), hashlib.sha256).hexdigest()[:DIGITS]


@dataclass(frozen=True)
class Expected:
    """What a change expects to find: one of some editions, any edition (`*`), or nothing yet (`new`)."""

    editions: frozenset[str] | None = None
    any: bool = False
    new: bool = False

    def check(self, found: str | None) -> None:
        """`found` is the edition there is now, read under a lock; None when there is nothing.

        Raises EditionMissing, EditionChanged, ExistsAlready.
        """
        if self.new:
            if found is not None:
                raise ExistsAlready()
        elif self.any:
            if found is None:
                raise EditionChanged("There is nothing to change: send If-None-Match: * for something new.")
        elif self.editions is None:
            raise EditionMissing()
        elif found is None:
            raise EditionChanged("What you read is gone: somebody has deleted it, or it has another name.")
        elif found not in self.editions:
            raise EditionChanged()


ANYTHING = Expected(any=True)
NEW = Expected(new=True)
