"""With `-n 2`: first what joins rooms, one after the other on one core, and on the other what needs no clock; then what
rings phones, one after the other, with nothing beside it.

Real calls beside tests that take a whole core were tried in three ways (niced, in a third lane, heavy ones last): on
two noisy cores they failed for reasons no caller would have had. `xdist_group` would not do: xdist 3.8 does not see
groups under pytest 9.2, and knows no order.
"""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
ROOMS = ("tests/inroom/", "tests/platform/embedded/")  # an engine of their own, no phone: one core is enough
TELEPHONES = "telephones"
BEHIND = 10  # nice


@cache
def by_the_clock(path: str) -> bool:
    """Whether this file rings phones or joins rooms: then its tests are about how long something takes."""
    return "pytest.mark.livekit" in (ROOT / path).read_text()


class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """Rooms are one scope, the largest, and so begin; telephones are one, given out last; other tests are their own."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if not by_the_clock(path):
            return nodeid
        return "rooms" if path.startswith(ROOMS) else TELEPHONES

    def _assign_work_unit(self, node: WorkerController) -> None:
        if TELEPHONES in self.workqueue:
            self.workqueue.move_to_end(TELEPHONES)
        super()._assign_work_unit(node)
