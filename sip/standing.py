"""How each trunk stands: what the files want of it beside what LiveKit holds. Pure; changes nothing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sip.config import Guard
from sip.desired import Desired, Marker, Outbound, Trunk
from sip.existing import Existing, StoredOutbound, StoredTrunk
from sip.plan import Action, Change, FieldChange, Plan, make_plan

_REFERENCE = re.compile(r"\$\{(\w+)\}")
_UNTOLD = "not-told-here"
_SECRETS = frozenset({"password", "headers"})


class State(StrEnum):
    """What applying the files would do to a trunk."""

    AS_WANTED = "as_wanted"
    DIFFERS = "differs"
    MISSING = "missing"  # the files want it, LiveKit does not hold it
    NOT_WANTED = "not_wanted"  # ours, but no longer in the files
    FOREIGN = "foreign"  # somebody else's: it is not touched


@dataclass(frozen=True)
class Standing:
    """One trunk. What it is like comes from the files where they name it, else from LiveKit; never a secret."""

    name: str
    direction: str
    state: State
    id: str | None
    owner: str | None
    numbers: tuple[str, ...]
    catch_all: bool
    addresses: tuple[str, ...]
    digest: bool
    guard: Guard | None
    differences: tuple[FieldChange, ...]


def without_secrets(files: Sequence[Path], environ: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """`environ` with a stand-in for every variable that the files refer to and that is not told to this process, and
    whether there was one: then secrets cannot be compared (`standings(…, secrets=False)`)."""
    wanted = {name for file in files for name in _REFERENCE.findall(file.read_text(errors="replace"))}
    untold = {name: _UNTOLD for name in wanted if not environ.get(name)}
    return {**environ, **untold}, bool(untold)


def standings(wanted: Desired, existing: Existing, *, secrets: bool = True) -> tuple[tuple[Standing, ...], Plan]:
    """Every trunk of the files and of LiveKit, and the plan it was read from. Without `secrets` differences of
    passwords and headers, whose values are not known here, do not count."""
    plan = make_plan(wanted, existing)
    changes: dict[tuple[str, Marker | None], Change] = {
        (change.kind, change.wanted.marker): change
        for change in (*plan.changes, *plan.unchanged)
        if change.wanted is not None
    }
    ignored = frozenset() if secrets else _SECRETS
    found = [
        *(_wanted(trunk, changes[("trunk", trunk.marker)], changes.get(("rule", trunk.marker)), ignored)
          for trunk in wanted.trunks),
        *(_wanted(trunk, changes[("outbound trunk", trunk.marker)], None, ignored) for trunk in wanted.outbound),
    ]  # fmt: skip
    shown = {standing.id for standing in found if standing.id is not None}
    return (*found, *_others(wanted, (*existing.trunks, *existing.outbound), shown)), plan


def _wanted(trunk: Trunk | Outbound, change: Change, rule: Change | None, ignored: frozenset[str]) -> Standing:
    differences = tuple(field for field in change.fields if field.field not in ignored)
    if rule is not None and change.action is not Action.CREATE:
        differences += _of_rule(rule)
    if change.action is Action.CREATE:
        state, differences = State.MISSING, ()
    else:
        state = State.DIFFERS if differences else State.AS_WANTED
    return _standing(trunk, state, change.id, differences)


def _of_rule(rule: Change) -> tuple[FieldChange, ...]:
    if rule.action is Action.CREATE:
        return (FieldChange("dispatch_rule", "missing: its calls reach no room"),)
    return tuple(FieldChange(f"dispatch_rule.{each.field}", each.what, each.origin) for each in rule.fields)


def _others(wanted: Desired, stored: Iterable[StoredTrunk | StoredOutbound], shown: set[str]) -> Iterable[Standing]:
    for one in stored:
        if one.id not in shown:
            state = State.NOT_WANTED if wanted.owns(one.trunk.marker) else State.FOREIGN
            yield _standing(one.trunk, state, one.id, ())


def _standing(trunk: Trunk | Outbound, state: State, id: str | None, differences: tuple[FieldChange, ...]) -> Standing:
    inbound = isinstance(trunk, Trunk)
    return Standing(
        name=trunk.name, direction="inbound" if inbound else "outbound", state=state, id=id,
        owner=trunk.marker.owner if trunk.marker else None, numbers=trunk.numbers,
        catch_all=trunk.catch_all if isinstance(trunk, Trunk) else False,
        addresses=trunk.addresses if isinstance(trunk, Trunk) else (trunk.address,),
        digest=bool(trunk.username), guard=trunk.guard if isinstance(trunk, Outbound) else None,
        differences=differences,
    )  # fmt: skip
