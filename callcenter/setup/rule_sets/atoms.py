"""A condition taken apart into atoms, and what each kind of atom means for others of its kind."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from callcenter.setup.rule_sets.conditions import ANY_VALUE, FIGURES, Between, When


@dataclass(frozen=True)
class Atom:
    """One thing that a condition asks for. `of` narrows the kind (a header's name, a queue's figure). `wanted` is a
    set of values of which one is right, a pair (from, below), a share in hundredths of a percent; of kind `any`
    conditions of which one is true, and of kind `none` one condition that is not."""

    kind: str
    wanted: Any
    of: str = ""


Condition = tuple[Atom, ...]


@dataclass(frozen=True)
class Kind:
    """How two atoms of one kind and `of` stand to each other."""

    narrower: Callable[[Any, Any], bool]
    """Whether the first being true makes the second true."""
    apart: Callable[[Any, Any], bool]
    """Whether both cannot be true."""


def _starts(prefix: Callable[[str, str], bool]) -> Kind:
    return Kind(
        narrower=lambda a, b: all(any(prefix(one, other) for other in b) for one in a),
        apart=lambda a, b: not any(prefix(one, other) or prefix(other, one) for one in a for other in b),
    )


_ONE = Kind(narrower=lambda a, b: a <= b, apart=lambda a, b: a.isdisjoint(b))
_SEVERAL = Kind(narrower=lambda a, b: a <= b, apart=lambda a, b: False)
_OR_ANY = Kind(
    narrower=lambda a, b: ANY_VALUE in b or a <= b, apart=lambda a, b: ANY_VALUE not in a | b and a.isdisjoint(b)
)
_RANGE = Kind(
    narrower=lambda a, b: a[0] >= b[0] and a[1] <= b[1], apart=lambda a, b: a[1] <= b[0] or b[1] <= a[0]
)  # fmt: skip
_NESTED = Kind(narrower=lambda a, b: a == b, apart=lambda a, b: False)
KINDS: Mapping[str, Kind] = {
    "to": _ONE, "from": _ONE, "last_queue": _ONE, "last_profile": _ONE, "from_country": _ONE, "digits": _ONE,
    "anonymous": _ONE, "entered": _ONE, "open_call_back": _ONE, "calendar": _ONE, "weekday": _ONE,
    "in_list": _SEVERAL, "header": _OR_ANY, "attribute": _OR_ANY, "waited": _RANGE, "queue": _RANGE,
    "from_prefix": _starts(lambda one, prefix: one.startswith(prefix)),
    "language": _starts(lambda one, tag: one == tag or one.startswith(f"{tag}-")),
    "share": Kind(narrower=lambda a, b: a <= b, apart=lambda a, b: False),
    "any": _NESTED, "none": _NESTED,
}  # fmt: skip
FLAGS = ("anonymous", "entered", "open_call_back")
_SETS = ("to", "from_numbers", "from_prefix", "from_country", "in_list", "last_queue", "last_profile", "digits")


def condition(when: When) -> Condition:
    """What a `When` asks for: every one of these."""
    return (*_simple(when), *_measured(when), *_nested(when))


def _simple(when: When) -> Iterator[Atom]:
    for field in _SETS:
        if (values := getattr(when, field)) is not None:
            yield Atom(field.removesuffix("_numbers"), frozenset(values))
    for flag in FLAGS:
        if (value := getattr(when, flag)) is not None:
            yield Atom(flag, frozenset({value}))
    for state in ("open", "closed"):
        if (calendar := getattr(when, state)) is not None:
            yield Atom("calendar", frozenset({state}), calendar)
    if when.language is not None:
        yield Atom("language", frozenset(tag.lower() for tag in when.language))
    if when.weekday is not None:
        yield Atom("weekday", frozenset(when.weekday.days), when.weekday.zone)


def _measured(when: When) -> Iterator[Atom]:
    for name, values in (when.header or {}).items():
        yield Atom("header", frozenset(values), name.lower())
    for name, values in (when.attribute or {}).items():
        yield Atom("attribute", frozenset(values), name)
    if when.waited_seconds is not None:
        yield Atom("waited", _range(when.waited_seconds))
    for figure in FIGURES if when.queue is not None else ():
        if (limits := getattr(when.queue, figure)) is not None:
            yield Atom("queue", _range(limits), f"{when.queue.name if when.queue else ''}.{figure}")
    if when.share is not None:
        yield Atom("share", when.share.lots, when.share.of)


def _nested(when: When) -> Iterator[Atom]:
    for each in when.all or ():
        yield from condition(each)
    if when.any is not None:
        yield Atom("any", tuple(condition(each) for each in when.any))
    for each in when.none or ():
        yield Atom("none", condition(each))


def _range(limits: Between) -> tuple[float, float]:
    low = -inf if limits.at_least is None else limits.at_least
    return low, inf if limits.below is None else limits.below
