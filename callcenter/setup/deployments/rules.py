"""Which deployment a call prefers.

What an operator can rely on: `share green 10` sends every tenth new call to green's workers and leaves the other nine
to those of deployments without a share. The choice depends on nothing but the call, so a call that is offered again, or
taken over, goes to the same deployment. A call never waits for its preferred deployment: when that has no free seat,
any other takes it; one with share 0 only when nobody else has a seat.
"""

import hashlib
import re
from collections.abc import Mapping

from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.plumbing.ids import CallId

LABEL = re.compile(r"[A-Za-z0-9._-]{0,64}")
BUCKETS = 100


def bucket(call_id: CallId) -> int:
    """The call's number from 0 to 99: with the shares laid end to end in the order of their names, it falls into the
    share of the deployment that the call prefers."""
    return int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:8]) % BUCKETS


def preferred(number: int, shares: Mapping[str, int]) -> str | None:
    """The deployment into whose share this number falls, all shares laid end to end by name; None for the rest."""
    upto = 0
    for name in sorted(shares):
        upto += shares[name]
        if number < upto:
            return name
    return None


def rank(deployment: str, favourite: str | None, shares: Mapping[str, int]) -> int:
    """How gladly a call that prefers `favourite` goes to the workers of a deployment: 0 as meant, 1 where that has no
    free seat, 2 as the last resort. No preference and no share of its own belong together."""
    if shares.get(deployment) == 0:
        return 2
    return 0 if favourite == (deployment if deployment in shares else None) else 1


def check_share(name: str, share: int, others: dict[str, int]) -> None:
    """Raises Invalid unless the label is one and all shares together stay within 100 percent."""
    if LABEL.fullmatch(name) is None:
        raise _wrong("name", name, "up to 64 letters, digits, dots, dashes and underscores")
    left = 100 - sum(percent for other, percent in others.items() if other != name)
    if not 0 <= share <= left:
        raise _wrong("share", share, f"0 to {left} percent: that is what the other shares leave")


def _wrong(field: str, value: object, expected: str) -> Invalid:
    return Invalid("The share is not set.", (FieldError(field, value, expected),))
