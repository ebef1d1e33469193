"""With `-n 3`: calls over telephones come one after the other in one process, what happens in a room without one in a
second, and everything else runs behind them in a third.

`xdist_group` would say the same, but xdist 3.8 does not see groups under pytest 9.2.
"""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
REAL_TIME = ("pytest.mark.livekit", "pytest.mark.browser")
ROOMS = ("tests/inroom/", "tests/platform/embedded/")  # they bring their own engine and need no telephone
BEHIND = 10  # nice


@cache
def in_real_time(path: str) -> bool:
    """Whether tests of this file are measured by the clock."""
    text = (ROOT / path).read_text()
    return any(mark in text for mark in REAL_TIME)


class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """The largest scopes are given out first: those in real time."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if not in_real_time(path):
            return nodeid
        return "rooms" if path.startswith(ROOMS) else "telephones"
