"""What is kept with each call of its routing: the facts that were known and the decision, so that other rules can be
asked about the same call later. What nobody looked up is left out, which is not the same as being empty."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from callcenter.setup.rule_sets.destinations import Destination, as_json, destination, from_json
from callcenter.stages.routing.facts import Decision, Facts, QueueFigures
from callcenter.stages.routing.needs import Needs

LOOKED_UP = {  # facts by the condition that asks for them
    "entered": "entered",
    "header": "headers",
    "language": "language",
    "in_list": "lists",
    "attribute": "attributes",
    "last_queue": "last_queue",
    "last_profile": "last_profile",
    "open_call_back": "open_call_back",
}
_AS_THEY_ARE = (
    "entered", "language", "headers", "waited_seconds", "attributes", "last_queue", "last_profile", "open_call_back",
)  # fmt: skip


def keep(facts: Facts, needs: Needs, decision: Decision, arrived_at: datetime) -> dict[str, Any]:
    """Plain data for `calls.routing_facts`; the call has its numbers, its arrival, trace and rule itself. It is short,
    and the same for like calls, so that a replay reads it once for all of them."""
    plain: dict[str, Any] = {} if facts.at == arrived_at else {"at": facts.at.isoformat()}
    if facts.digits:
        plain["digits"] = list(facts.digits)
    if facts.digits_at:
        plain["digits_at"] = list(facts.digits_at)
    if facts.waited_seconds:
        plain["waited_seconds"] = facts.waited_seconds
    looked_up = {
        "entered": facts.entered,
        "headers": dict(facts.headers),
        "language": facts.language,
        "lists": sorted(facts.lists),
        "attributes": dict(facts.attributes),
        "last_queue": facts.last_queue,
        "last_profile": facts.last_profile,
        "open_call_back": facts.open_call_back,
    }
    plain |= {name: looked_up[name] for condition, name in LOOKED_UP.items() if condition in needs.fields}
    if needs.queues:
        figures = {name: facts.queues.get(name) for name in sorted(needs.queues)}
        plain["queues"] = {name: asdict(found) if found else None for name, found in figures.items()}
    return {"facts": plain, "decision": as_json(destination(decision.action))}


def known(plain: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept as fields of `Facts`."""
    found = {name: plain[name] for name in _AS_THEY_ARE if name in plain}
    if "at" in plain:
        found["at"] = datetime.fromisoformat(plain["at"])
    found |= {name: tuple(plain[name]) for name in ("digits", "digits_at") if plain.get(name)}
    if plain.get("lists"):
        found["lists"] = frozenset(plain["lists"])
    if plain.get("queues"):
        found["queues"] = {name: QueueFigures(**f) for name, f in plain["queues"].items() if f is not None}
    return found


def gaps(plain: Mapping[str, Any], wanted: Iterable[tuple[str, str]], queues: Collection[str]) -> list[str]:
    """What was not looked up when the call was routed, by the names of conditions. `wanted` are those pairs of
    LOOKED_UP, and `queues` the queues, that some rules ask for."""
    found = [condition for condition, name in wanted if name not in plain]
    if queues and not plain.get("queues", {}).keys() >= queues:
        found.append("queue")
    return found


def decided(kept: Mapping[str, Any]) -> Destination:
    """Where the call was sent."""
    return from_json(kept["decision"])


def decided_before(queue: str | None) -> Destination:
    """Where a call was sent that came before this was kept: only the queue is known, and that those without one heard a
    message; what else was decided for them is not."""
    return Destination("message") if queue is None else Destination("queue", queue)
