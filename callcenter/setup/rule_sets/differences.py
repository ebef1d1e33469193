"""What has become of one rule set in another, in words. Pure."""

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from callcenter.setup.rule_sets.destinations import quoted
from callcenter.setup.rule_sets.rules import Rule, RuleSetBody

Path = tuple[str | int, ...]


class DifferenceKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    RENAMED = "renamed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Difference:
    """One change of one rule. Positions count from 1; `field` is as in errors (`rules.2.then.priority`), of the newer
    set, and only for what changed within a rule."""

    kind: DifferenceKind
    rule: str
    position_before: int | None
    position_after: int | None
    words: str
    field: str | None = None


class _Pair(NamedTuple):
    before: int
    after: int


def differences(before: RuleSetBody, after: RuleSetBody) -> list[Difference]:
    """In the order of the newer set; what was removed comes first. Rules are known by their names, or, where one was
    renamed, by what they do."""
    pairs = _pairs(before.rules, after.rules)
    kept = {pair.before for pair in pairs}
    found = [
        Difference(DifferenceKind.REMOVED, rule.name, index + 1, None, f"rule {index + 1} '{rule.name}' was removed")
        for index, rule in enumerate(before.rules)
        if index not in kept
    ]
    moved, by_after = _moved(pairs), {pair.after: pair for pair in pairs}
    for index, rule in enumerate(after.rules):
        pair = by_after.get(index)
        if pair is None:
            words = f"rule {index + 1} '{rule.name}' is new: {_show(_plain(rule)['then'])}"
            found.append(Difference(DifferenceKind.ADDED, rule.name, None, index + 1, words))
        else:
            found.extend(_of_rule(before.rules[pair.before], rule, pair, moved=pair in moved))
    return found


def _pairs(before: Sequence[Rule], after: Sequence[Rule]) -> list[_Pair]:
    """Which rule of the newer set is which of the older one."""
    pairs: list[_Pair] = []
    for same in (lambda rule: rule.name, lambda rule: json.dumps([_plain(rule)["when"], _plain(rule)["then"]])):
        left, right = {p.before for p in pairs}, {p.after for p in pairs}
        places: dict[str, list[int]] = {}
        for index, rule in enumerate(before):
            if index not in left:
                places.setdefault(same(rule), []).append(index)
        for index, rule in enumerate(after):
            if index not in right and places.get(same(rule)):
                pairs.append(_Pair(places[same(rule)].pop(0), index))
    return sorted(pairs, key=lambda pair: pair.after)


def _moved(pairs: Sequence[_Pair]) -> set[_Pair]:
    """As few as explain the new order: all but a longest run of rules that kept theirs among themselves."""
    ends: list[int] = []  # the last rule of the best run of each length so far
    reached: list[int] = []  # the length of the best run that ends with each rule
    for pair in pairs:
        length = bisect_left(ends, pair.before)
        ends[length : length + 1] = [pair.before]
        reached.append(length)
    stayed: list[_Pair] = []
    for pair, length in zip(reversed(pairs), reversed(reached), strict=True):
        if length == len(ends) - 1 - len(stayed) and (not stayed or pair.before < stayed[-1].before):
            stayed.append(pair)
    return set(pairs) - set(stayed)


def _of_rule(before: Rule, after: Rule, pair: _Pair, *, moved: bool) -> Iterator[Difference]:
    old, new = pair.before + 1, pair.after + 1
    if before.name != after.name:
        words = f"rule {new} '{before.name}' is now called '{after.name}'"
        yield Difference(DifferenceKind.RENAMED, after.name, old, new, words, f"rules.{pair.after}.name")
    if moved:
        yield Difference(DifferenceKind.MOVED, after.name, old, new, f"rule {old} '{after.name}' moved to {new}")
    one, other = _plain(before), _plain(after)
    for part in ("when", "then"):
        for path, words in _changes(one[part], other[part], (part,)):
            field = ".".join(str(step) for step in ("rules", pair.after, *path))
            yield Difference(DifferenceKind.CHANGED, after.name, old, new, f"rule {new} '{after.name}': {words}", field)


def _plain(rule: Rule) -> dict[str, Any]:
    return {"when": {}, **rule.model_dump(mode="json", by_alias=True, exclude_none=True)}


def _changes(before: Any, after: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Where two plain values differ, and how."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and before.get("action") == after.get("action"):
        for key in dict.fromkeys((*before, *after)):
            if key in before and key in after:
                yield from _changes(before[key], after[key], (*path, key))
            elif before.get(key) != after.get(key):
                yield (*path, key), _appeared(before.get(key), after.get(key), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_list(before, after, path)
    else:
        yield path, f"{_label(path)} {_show(before)} → {_show(after)}"


def _appeared(before: Any, after: Any, path: Path) -> str:
    """A field that only one of the two has: a condition or a whole part came or went, any other was left out."""
    part = before if after is None else after
    if isinstance(part, dict | list) or (path[0] == "when" and path[-1] not in _LIMITS):
        return f"{_label(path)}: {_show(part)} {'removed' if after is None else 'added'}"
    return f"{_label(path)} {'none' if before is None else _show(before)} → {'none' if after is None else _show(after)}"


def _in_list(before: list[Any], after: list[Any], path: Path) -> Iterator[tuple[Path, str]]:
    """Lists of plain values as what came and went; mappings that changed in place one by one."""
    one, other = ([json.dumps(item, sort_keys=True) for item in items] for items in (before, after))
    had, has = frozenset(one), frozenset(other)
    gone = [item for item, text in zip(before, one, strict=True) if text not in has]
    come = [index for index, text in enumerate(other) if text not in had]
    if gone and len(gone) == len(come) and isinstance(gone[0], dict):
        for item, index in zip(gone, come, strict=True):
            yield from _changes(item, after[index], (*path, index))
        return
    if gone:
        yield path, f"{_label(path)}: {_listed(gone)} removed"
    if come:
        yield path, f"{_label(path)}: {_listed([after[index] for index in come])} added"
    if not gone and not come:
        yield path, f"{_label(path)} in another order: {_listed(after)}"


_LIMITS = ("at_least", "below")
_NAMES = {"fallbacks": "fallback", "options": "option"}


def _label(path: Path) -> str:
    """`priority`, `fallback 1 after_seconds`, `when all 2 to`: the way to a field, as somebody would say it."""
    said: list[str] = []
    for place, step in enumerate(path):
        if isinstance(step, int):
            said.append(str(step + 1))
        elif step != "then" or place == len(path) - 1:
            said.append(_NAMES.get(step, step))
    return " ".join(said)


def _listed(items: Sequence[Any]) -> str:
    return ", ".join(_show(item) for item in items)


def _show(value: Any) -> str:
    """A plain value in a sentence; an action by what it does, a condition by what it asks."""
    match value:
        case {"action": str(action)}:
            named = [_show(value[key]) for key in ("queue", "box", "number", "drop") if key in value]
            spoken = [quoted(value[key]) for key in ("audio", "text", "prompt") if key in value]
            shown = " ".join((action, *(named or spoken)[:1]))
        case {"after_seconds": after, "then": then}:
            shown = f"after {after:g} s {_show(then)}"
        case {"name": name, "say": _}:
            shown = f"{name} {_show(value['then'])}" if "then" in value else str(name)
        case dict():
            shown = ", ".join(f"{key} {_show(item)}" for key, item in value.items()) or "nothing"
        case list():
            shown = " or ".join(_show(item) for item in value) or "none"
        case bool():
            shown = "yes" if value else "no"
        case float():
            shown = f"{value:g}"
        case str() if " " in value:
            shown = quoted(value)
        case _:
            shown = str(value)
    return shown
