"""Short ways to say what happens to calls out in a test."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Database
from callcenter.stages.outbound.dialler import Answered, Dialler, Ready
from callcenter.stages.outbound.flow import Asked
from callcenter.stages.outbound.loop import Sweeper
from callcenter.stages.outbound.model import CallOut
from sip.guard import Refusal, Why
from tests.stages.outbound.lines import NUMBER, NotedLines, order


@dataclass
class World:
    url: str
    db: Database
    lines: NotedLines = field(default_factory=NotedLines)

    @property
    def dialler(self) -> Dialler:
        return Dialler(self.db, self.lines)

    @property
    def sweeper(self) -> Sweeper:
        return Sweeper(self.db, self.lines, talk_seconds=60, patience_seconds=0)

    async def ready(self, trunk: str = "carrier") -> Ready:
        ready = await self.dialler.ask(order(trunk))
        assert isinstance(ready, Ready), ready
        return ready

    async def answered(self) -> Asked:
        """A call that was asked for, dialled and answered."""
        ready = await self.ready()
        assert isinstance(await self.dialler.dial(ready), Answered)
        return ready.asked

    async def why(self, number: str = NUMBER, trunk: str = "carrier") -> Why | None:
        """Why the guard refuses this now; None when it does not."""
        answer = await self.dialler.ask(order(trunk, number))
        return answer.why if isinstance(answer, Refusal) else None

    async def later(self, seconds: float) -> None:
        """As if so much time had passed."""
        passed = sa.text(f"interval '{seconds} seconds'")
        async with self.db.transaction() as tx:
            await tx.execute(
                sa.update(CallOut).values(
                    requested_at=CallOut.requested_at - passed, live_until=CallOut.live_until - passed
                )
            )

    async def rows(self) -> list[tuple[str, str, str | None]]:
        """Number, state and reason of every attempt, the oldest first."""
        async with self.db.transaction() as tx:
            rows = await tx.rows(
                sa.select(CallOut.number, CallOut.state, CallOut.because).order_by(CallOut.requested_at, CallOut.id)
            )
        return [(row["number"], row["state"], row["because"]) for row in rows]

    async def states(self) -> list[tuple[str, str | None]]:
        return [(state, because) for _, state, because in await self.rows()]
