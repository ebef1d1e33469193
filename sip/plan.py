"""The difference between what the files ask for and what LiveKit holds: pure, shown before anything is done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, TypeVar

from sip import safety
from sip.config import Guard
from sip.desired import CarrierTrunk, Desired, Marker, Outbound, Rule, Trunk
from sip.existing import Existing, StoredOutbound, StoredRule, StoredTrunk

S = TypeVar("S")

NEW_TRUNK = "(the new trunk)"
_NEVER_SHOWN = {"password", "headers"}


class Action(StrEnum):
    """What applying the plan does to one trunk or rule."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class FieldChange:
    """One field that differs, in words: `what` is what changes, without any secret; `origin` the preset that filled
    the field in, empty if it is written in the file."""

    field: str
    what: str
    origin: str = ""


@dataclass(frozen=True)
class Change:
    """What is done to one trunk or rule; `wanted` is its new value, None for a deletion. `kind` is "trunk" (inbound),
    "rule" or "outbound trunk"."""

    action: Action
    kind: str
    name: str
    id: str | None
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""
    wanted: Trunk | Rule | Outbound | None = None
    needs_consent: bool = False


@dataclass(frozen=True)
class Plan:
    """Changes in the order they are made, what stays, why it may not be applied at all, and what deserves a look."""

    changes: tuple[Change, ...]
    unchanged: tuple[Change, ...]
    refusals: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def deletions(self) -> tuple[Change, ...]:
        """The deletions that apply makes only with consent."""
        return tuple(change for change in self.changes if change.needs_consent)


def make_plan(wanted: Desired, existing: Existing) -> Plan:
    """Compare and order: deletions, updates (one that gives a number away before the one that takes it), creations.

    Touches only what carries a marker of one of the files' owners. Of several copies of one trunk, as two applies at
    the same moment may leave them, the one with the smallest id stays.
    """
    trunks, spare_trunks = _first_of_each((s.trunk.marker, s) for s in existing.trunks)
    rules, spare_rules = _first_of_each((s.rule.marker, s) for s in existing.rules)
    trunk_changes = [_trunk_change(trunk, trunks.get(trunk.marker)) for trunk in wanted.trunks]
    rule_changes = [_rule_change(rule, rules.get(rule.marker), trunks.get(rule.marker)) for rule in wanted.rules]
    kept = {trunk.marker for trunk in wanted.trunks}

    def leaves(marker: Marker | None) -> bool:
        return wanted.owns(marker) and marker not in kept

    deletions = [
        *(_spare_rule(s, rules[s.rule.marker]) for s in spare_rules if wanted.owns(s.rule.marker)),
        *(_deletion("rule", s.id, s.rule.name) for s in rules.values() if leaves(s.rule.marker)),
        *(_spare_trunk(s, trunks[s.trunk.marker]) for s in spare_trunks if wanted.owns(s.trunk.marker)),
        *(_deletion("trunk", s.id, s.trunk.name) for s in trunks.values() if leaves(s.trunk.marker)),
    ]
    updates, circle = _in_order([c for c in trunk_changes if c.action is Action.UPDATE], trunks)
    going_out = _outbound_changes(wanted, existing)
    everything = [
        *(c for c in going_out if c.action is Action.DELETE),
        *deletions,
        *updates,
        *(c for c in trunk_changes if c.action is Action.CREATE),
        *(c for c in rule_changes if c.action is not Action.UNCHANGED),
        *(c for c in going_out if c.action in {Action.UPDATE, Action.CREATE}),
    ]
    return Plan(
        changes=tuple(everything),
        unchanged=tuple(c for c in (*trunk_changes, *rule_changes, *going_out) if c.action is Action.UNCHANGED),
        refusals=(*safety.refusals(wanted, existing), *circle),
        warnings=tuple(safety.warnings(wanted, existing)),
    )


def _outbound_changes(wanted: Desired, existing: Existing) -> list[Change]:
    """Outbound trunks claim nothing that another could have, so their order does not matter."""
    kind = "outbound trunk"
    stored, spare = _first_of_each((s.trunk.marker, s) for s in existing.outbound)
    kept = {trunk.marker for trunk in wanted.outbound}
    leaving = [s for s in stored.values() if wanted.owns(s.trunk.marker) and s.trunk.marker not in kept]
    copies = [(s, stored[s.trunk.marker]) for s in spare if wanted.owns(s.trunk.marker)]
    return [
        *(_spare(kind, s.id, s.trunk.name, first.id, s.trunk == first.trunk) for s, first in copies),
        *(_deletion(kind, s.id, s.trunk.name) for s in leaving),
        *(_trunk_change(trunk, stored.get(trunk.marker), kind) for trunk in wanted.outbound),
    ]


def _first_of_each(marked: Iterable[tuple[Marker | None, S]]) -> tuple[dict[Marker | None, S], list[S]]:
    first: dict[Marker | None, S] = {}
    spare: list[S] = []
    for marker, stored in marked:
        if marker is None:
            continue
        if marker in first:
            spare.append(stored)
        else:
            first[marker] = stored
    return first, spare


def _trunk_change(trunk: Trunk | Outbound, stored: StoredTrunk | StoredOutbound | None, kind: str = "trunk") -> Change:
    if stored is None:
        return Change(Action.CREATE, kind, trunk.name, None, _differences(None, trunk), wanted=trunk)
    differences = _differences(stored.trunk, trunk)
    action = Action.UPDATE if differences else Action.UNCHANGED
    return Change(action, kind, trunk.name, stored.id, differences, wanted=trunk)


def _rule_change(rule: Rule, stored: StoredRule | None, trunk: StoredTrunk | None) -> Change:
    rule = replace(rule, trunk_ids=(trunk.id if trunk else NEW_TRUNK,))
    if stored is None:
        return Change(Action.CREATE, "rule", rule.name, None, _differences(None, rule), wanted=rule)
    differences = _differences(stored.rule, rule)
    action = Action.UPDATE if differences else Action.UNCHANGED
    return Change(action, "rule", rule.name, stored.id, differences, wanted=rule)


def _deletion(kind: str, id: str, name: str) -> Change:
    return Change(Action.DELETE, kind, name, id, reason="no longer in the files", needs_consent=True)


def _spare_trunk(spare: StoredTrunk, kept: StoredTrunk) -> Change:
    return _spare("trunk", spare.id, spare.trunk.name, kept.id, spare.trunk == kept.trunk)


def _spare_rule(spare: StoredRule, kept: StoredRule) -> Change:
    same = replace(spare.rule, trunk_ids=()) == replace(kept.rule, trunk_ids=())
    return _spare("rule", spare.id, spare.rule.name, kept.id, same)


def _spare(kind: str, id: str, name: str, kept: str, same: bool) -> Change:
    reason = f"{'the same as' if same else 'stands for the same trunk as'} {kept}"
    return Change(Action.DELETE, kind, name, id, reason=reason, needs_consent=not same)


def _differences(before: Any, after: CarrierTrunk | Rule) -> tuple[FieldChange, ...]:
    origins = dict(after.origins) if isinstance(after, CarrierTrunk) else {}
    found: list[FieldChange] = []
    for item in fields(after):
        old, new = getattr(before, item.name, None), getattr(after, item.name)
        unset = before is None and (new in ("", (), False) or new == item.default)
        if item.name == "marker" or not item.compare or old == new or unset:
            continue
        what = _shown(new) if before is None and item.name not in _NEVER_SHOWN else _words(item.name, old, new)
        found.append(FieldChange(item.name, what, origins.get(item.name, "")))
    return tuple(found)


def _words(name: str, old: Any, new: Any) -> str:
    match name:
        case "password":
            return "set" if not old else "changed" if new else "removed"
        case "headers":
            return _names_only(dict(old or ()), dict(new))
        case "numbers" | "addresses" if isinstance(old, tuple):
            added, removed = [item for item in new if item not in old], [item for item in old if item not in new]
            parts = ["added " + ", ".join(added)] if added else []
            parts += ["removed " + ", ".join(removed)] if removed else []
            return "; ".join(parts) or "in another order"
    return f"{_shown(old)} → {_shown(new)}"


def _names_only(old: dict[str, str], new: dict[str, str]) -> str:
    """Headers by name: a value may be a token that the carrier knows us by."""
    words = [f"{name} set" for name in new if name not in old]
    words += [f"{name} changed" for name in new if name in old and old[name] != new[name]]
    return ", ".join([*words, *(f"{name} removed" for name in old if name not in new)])


def _shown(value: Any) -> str:
    match value:
        case "" | () | None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(f"{item[0]}: {item[1]}" if isinstance(item, tuple) else str(item) for item in value)
        case float():
            return f"{value:g}"
        case Guard():
            often = f"{value.calls_per_hour} per hour, {value.calls_per_day} per day, {value.concurrent} at once"
            return f"calls to {', '.join(value.prefixes)}: {often}"
    return str(value)


def _in_order(
    updates: Sequence[Change], trunks: dict[Marker | None, StoredTrunk]
) -> tuple[list[Change], tuple[str, ...]]:
    """Updates such that a number is given away before it is taken; a circle of such is refused."""
    before = {stored.id: stored.trunk for stored in trunks.values()}

    def takes_from(taker: Change, giver: Change) -> bool:
        assert isinstance(taker.wanted, Trunk)
        assert isinstance(giver.wanted, Trunk)
        gained = taker.wanted.claims - before[taker.id or ""].claims
        return bool(gained & (before[giver.id or ""].claims - giver.wanted.claims))

    waiting, ordered = list(updates), list[Change]()
    while waiting:
        ready = next((c for c in waiting if not any(takes_from(c, o) for o in waiting if o is not c)), None)
        if ready is None:
            names = " and ".join(change.name for change in waiting)
            circle = (
                f"{names} exchange numbers, which LiveKit allows in no order; take them away first, apply, then add"
            )
            return [*ordered, *waiting], (circle,)
        ordered.append(ready)
        waiting.remove(ready)
    return ordered, ()
