"""A LiveKit SIP API in memory, with the checks of the real one, for tests of plan and apply."""

from collections.abc import Awaitable, Callable
from itertools import count

from sip.desired import Outbound, Rule, Trunk
from sip.errors import ChangedMeanwhileError
from sip.existing import Existing, StoredOutbound, StoredRule, StoredTrunk
from sip.messages import from_outbound, from_rule, from_trunk, to_outbound, to_rule, to_trunk


async def _at_once() -> None:
    """Let a request pass without interruption."""


class FakeSipServer:
    """Keeps trunks and rules through the same conversion as the adapter, so nothing survives that LiveKit would lose.

    Like the real server it reads, checks and then writes without a lock (`CreateSIPInboundTrunk` in livekit-server's
    `pkg/service/sip.go`): two requests that overlap at `pause` can both pass the check.
    """

    def __init__(self, pause: Callable[[], Awaitable[None]] = _at_once) -> None:
        self.trunks: dict[str, Trunk] = {}
        self.rules: dict[str, Rule] = {}
        self.outbound: dict[str, Outbound] = {}
        self.writes = 0
        self._ids = count(1)
        self._pause = pause

    async def existing(self) -> Existing:
        await self._pause()
        return Existing(
            tuple(StoredTrunk(id, trunk) for id, trunk in sorted(self.trunks.items())),
            tuple(StoredRule(id, rule) for id, rule in sorted(self.rules.items())),
            tuple(StoredOutbound(id, trunk) for id, trunk in sorted(self.outbound.items())),
        )

    async def put_trunk(self, trunk: Trunk, id: str | None) -> str:
        stored = to_trunk(from_trunk(trunk))
        if id is not None and id not in self.trunks:
            raise ChangedMeanwhileError(f"no trunk {id}")
        for other_id, other in self.trunks.items():
            if other_id != id and other.claims & stored.claims:
                raise ChangedMeanwhileError(f"conflicting trunks {id or '<new>'} and {other_id}")
        await self._pause()
        id = id or f"ST_{next(self._ids):03}"
        self.trunks[id] = stored
        self.writes += 1
        return id

    async def put_outbound(self, trunk: Outbound, id: str | None) -> str:
        stored = to_outbound(from_outbound(trunk))
        if id is not None and id not in self.outbound:
            raise ChangedMeanwhileError(f"no trunk {id}")
        await self._pause()
        id = id or f"ST_{next(self._ids):03}"
        self.outbound[id] = stored
        self.writes += 1
        return id

    async def put_rule(self, rule: Rule, id: str | None) -> str:
        stored = to_rule(from_rule(rule))
        if id is not None and id not in self.rules:
            raise ChangedMeanwhileError(f"no rule {id}")
        for other_id, other in self.rules.items():
            if other_id != id and set(other.trunk_ids) & set(stored.trunk_ids):
                raise ChangedMeanwhileError(f"a rule for the same trunk exists: {other_id}")
        await self._pause()
        id = id or f"SDR_{next(self._ids):03}"
        self.rules[id] = stored
        self.writes += 1
        return id

    async def delete_trunk(self, id: str) -> None:
        await self._pause()
        self.trunks.pop(id, None)
        self.outbound.pop(id, None)
        self.writes += 1

    async def delete_rule(self, id: str) -> None:
        await self._pause()
        self.rules.pop(id, None)
        self.writes += 1
