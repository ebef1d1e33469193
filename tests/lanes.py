"""With `-n 2`: calls in real time come one after the other in one process, everything else runs behind them in another.

`xdist_group` would say the same, but xdist 3.8 does not see groups under pytest 9.2.
"""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
REAL_TIME = ("pytest.mark.livekit", "pytest.mark.browser")
BEHIND = 10  # nice


@cache
def in_real_time(path: str) -> bool:
    """Whether tests of this file are measured by the clock."""
    text = (ROOT / path).read_text()
    return any(mark in text for mark in REAL_TIME)


class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """The largest scope is given out first: that is the one in real time."""

    def _split_scope(self, nodeid: str) -> str:
        return "real time" if in_real_time(nodeid.partition("::")[0]) else nodeid
