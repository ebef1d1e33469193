"""Which trunk calls a number. Pure."""

from collections.abc import Iterable

from callcenter.platform.plumbing.livekit_calls import OutboundTrunk
from sip.guard import Allowed, Placed, Refusal, Why, decide


def choose(trunks: Iterable[OutboundTrunk], name: str | None, number: str) -> OutboundTrunk | Refusal:
    """The trunk of this name, or without one the first, by name, whose guard allows the number; else why not. Whether
    the caps leave room is judged when it is dialled."""
    refusal = Refusal(
        Why.NO_GUARD, f"there is no outbound trunk{f' {name!r}' if name else ''}; see `python -m sip apply`"
    )
    for trunk in sorted(trunks, key=lambda trunk: trunk.name):
        if name not in (None, trunk.name):
            continue
        answer = decide(number, trunk.guard, Placed())
        if isinstance(answer, Allowed):
            return trunk
        refusal = answer
    return refusal
