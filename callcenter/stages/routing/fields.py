"""The single fields of a condition: whether each holds, and its words. What is not known is not true."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from callcenter.setup.calendars.hours import zone
from callcenter.setup.calendars.rules import CalendarBody, Verdict, is_open, status
from callcenter.setup.rule_sets.conditions import ANY_VALUE, DAYS, FIGURES, LOTS, Between, OnWeekday, QueueIs, Share
from callcenter.stages.routing.countries import country_of
from callcenter.stages.routing.facts import Facts

SHOWN = 3  # of a long list, in words
SHOWN_OF_ONE = 80  # characters of what a caller sent


class Calendars:
    """The company's calendars; what one says of a minute is worked out once."""

    def __init__(self, bodies: Mapping[str, CalendarBody]) -> None:
        self._bodies = bodies
        self._known: dict[tuple[str, datetime], Verdict] = {}
        self._open: dict[tuple[str, datetime], bool] = {}

    def is_open(self, name: str, at: datetime) -> bool | None:
        """The same as `verdict` without words, which take most of its time."""
        minute = at.replace(second=0, microsecond=0)
        found = self._open.get((name, minute))
        if found is None and name in self._bodies:
            found = self._open[name, minute] = is_open(self._bodies[name], minute)
        return found

    def verdict(self, name: str, at: datetime) -> Verdict | None:
        """Whether it is open at this instant; None when there is no such calendar."""
        minute = at.replace(second=0, microsecond=0)
        found = self._known.get((name, minute))
        if found is None:
            body = self._bodies.get(name)
            if body is None:
                return None
            found = self._known[name, minute] = status(body, minute)
        return found


@dataclass(frozen=True, slots=True)
class Situation:
    """A call in front of the rules; `pressed` are the keys that menus have taken so far."""

    facts: Facts
    calendars: Calendars
    pressed: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field of a condition."""

    judge: Callable[[Situation], bool]
    words: Callable[[Situation, bool], str]

    def holds(self, call: Situation) -> bool:
        return self.judge(call)

    def because(self, call: Situation) -> tuple[bool, str]:
        held = self.judge(call)
        return held, self.words(call, held)


def _either(values: Iterable[str]) -> str:
    listed = list(values)
    more = f" or {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return " or ".join(listed[:SHOWN]) + more


def _number(whose: str, wanted: frozenset[str], of: Callable[[Situation], str]) -> Leaf:
    def words(call: Situation, held: bool) -> str:
        return f"the {whose} number is {of(call)}" if held else f"the {whose} number is not {listed}"

    listed = _either(sorted(wanted))
    return Leaf(lambda call: of(call) in wanted, words)


def _prefix(prefixes: tuple[str, ...]) -> Leaf:
    def words(call: Situation, held: bool) -> str:
        if held:
            return f"the caller's number starts with {next(p for p in prefixes if call.facts.from_.startswith(p))}"
        return f"the caller's number does not start with {listed}"

    listed = _either(prefixes)
    return Leaf(lambda call: call.facts.from_.startswith(prefixes), words)


def _yes(wanted: bool, of: Callable[[Situation], bool], when_true: str, when_false: str) -> Leaf:
    def words(call: Situation, held: bool) -> str:
        return when_true if of(call) else when_false

    return Leaf(lambda call: of(call) is wanted, words)


def _digits(wanted: tuple[str, ...]) -> Leaf:
    def words(call: Situation, held: bool) -> str:
        if not call.pressed:
            return "no key was pressed"
        return f"the keys pressed are {call.pressed}" if held else f"the keys pressed are {call.pressed}, not {listed}"

    listed = _either(wanted)
    keys = frozenset(wanted)
    return Leaf(lambda call: call.pressed in keys, words)


def _in_list(names: tuple[str, ...]) -> Leaf:
    def words(call: Situation, held: bool) -> str:
        if held:
            return f"the caller is in the list '{next(name for name in names if name in call.facts.lists)}'"
        return f"the caller is not in the list {_either(quoted)}"

    quoted = [f"'{name}'" for name in names]
    return Leaf(lambda call: not call.facts.lists.isdisjoint(names), words)


def _wanted(
    kind: str, wanted: Mapping[str, tuple[str, ...]], of: Callable[[Situation], Mapping[str, str]]
) -> Leaf:  # fmt: skip
    """Names of headers come in lower case, as livekit-sip hands them over."""

    def fits(call: Situation, name: str) -> bool:
        found = of(call).get(name)
        return found is not None and (ANY_VALUE in wanted[name] or found in wanted[name])

    def words(call: Situation, held: bool) -> str:
        if held:
            return " and ".join(f"the {kind} {name} is '{of(call)[name][:SHOWN_OF_ONE]}'" for name in wanted)
        name = next(name for name in wanted if not fits(call, name))
        found = of(call).get(name)
        listed = _either(f"'{value}'" for value in wanted[name])
        if found is None:
            return f"there is no {kind} {name}"
        return f"the {kind} {name} is '{found[:SHOWN_OF_ONE]}', not {listed}"

    return Leaf(lambda call: all(fits(call, name) for name in wanted), words)


def _named(what: str, names: tuple[str, ...], of: Callable[[Situation], str | None]) -> Leaf:
    def words(call: Situation, held: bool) -> str:
        found = of(call)
        if found is None:
            return f"{what} is not known"
        return f"{what} is '{found}'" if held else f"{what} is '{found}', not {listed}"

    listed = _either(f"'{name}'" for name in names)
    return Leaf(lambda call: of(call) in names, words)


def _country(wanted: frozenset[str]) -> Leaf:
    def words(call: Situation, held: bool) -> str:
        found = country_of(call.facts.from_)
        if found is None:
            return "the country of the caller's number is not known"
        return f"the caller's number is from {found}" if held else f"the caller's number is from {found}, not {listed}"

    listed = _either(sorted(wanted))
    return Leaf(lambda call: country_of(call.facts.from_) in wanted, words)


def _language(tags: tuple[str, ...]) -> Leaf:
    def judge(call: Situation) -> bool:
        found = (call.facts.language or "").lower()
        return bool(found) and any(found == tag or found.startswith(f"{tag}-") for tag in lower)

    def words(call: Situation, held: bool) -> str:
        if not call.facts.language:
            return "the call's language is not known"
        return f"the call's language is {call.facts.language}" + ("" if held else f", not {_either(tags)}")

    lower = [tag.lower() for tag in tags]
    return Leaf(judge, words)


def within(value: float, limits: Between) -> bool:
    return (limits.at_least is None or value >= limits.at_least) and (limits.below is None or value < limits.below)


def limits_in_words(limits: Between) -> str:
    parts = [] if limits.at_least is None else [f"at least {limits.at_least:g}"]
    parts += [] if limits.below is None else [f"below {limits.below:g}"]
    return " and ".join(parts)


def _between(what: str, unit: str, limits: Between, of: Callable[[Situation], float | None]) -> Leaf:
    def judge(call: Situation) -> bool:
        value = of(call)
        return value is not None and within(value, limits)

    def words(call: Situation, held: bool) -> str:
        value = of(call)
        if value is None:
            return f"{what} not known"
        return f"{what} {value:g}{unit}, {'' if held else 'not '}{wanted}"

    wanted = limits_in_words(limits)
    return Leaf(judge, words)


def figures_of(queue: QueueIs) -> Iterable[Leaf]:
    for figure in FIGURES:
        limits: Between | None = getattr(queue, figure)
        if limits is not None:
            words = f"{figure.replace('_', ' ').removesuffix(' seconds')} of queue '{queue.name}' is"
            unit = " s" if figure.endswith("_seconds") else ""
            yield _between(words, unit, limits, partial(_figure, queue.name, figure))


def _figure(name: str, figure: str, call: Situation) -> float | None:
    queue = call.facts.queues.get(name)
    value: float | None = getattr(queue, figure, None)
    return value


def _weekday(wanted: OnWeekday) -> Leaf:
    def day(call: Situation) -> str | None:
        here = zone(wanted.zone)
        try:
            return DAYS[call.facts.at.astimezone(here).weekday()] if here else None
        except OverflowError:
            return None

    def words(call: Situation, held: bool) -> str:
        found = day(call)
        if found is None:
            return f"there is no time zone {wanted.zone}"
        return f"it is {found.title()} in {wanted.zone}" + ("" if held else f", not {listed}")

    listed = _either(found.title() for found in wanted.days)
    return Leaf(lambda call: day(call) in wanted.days, words)


def _calendar(name: str, *, opened: bool) -> Leaf:
    def judge(call: Situation) -> bool:
        return call.calendars.is_open(name, call.facts.at) is opened

    def words(call: Situation, held: bool) -> str:
        verdict = call.calendars.verdict(name, call.facts.at)
        return f"there is no calendar '{name}'" if verdict is None else verdict.because

    return Leaf(judge, words)


def lot(share: str, facts: Facts) -> int:
    """The caller's place among 10,000 in this share: the same for every call of a number. Who withholds theirs draws
    anew with every call."""
    drawn = hashlib.sha256(f"{share}/{facts.from_ or facts.call_id}".encode(errors="replace")).digest()
    return int.from_bytes(drawn[:8]) % LOTS


def _share(share: Share) -> Leaf:
    def words(call: Situation, held: bool) -> str:
        return f"the caller is {'' if held else 'not '}among the {share.percent:g} % of '{share.of}'"

    return Leaf(lambda call: lot(share.of, call.facts) < share.lots, words)


OF_FIELD: Mapping[str, Callable[[Any], Leaf]] = {
    "to": lambda wanted: _number("dialled", frozenset(wanted), lambda call: call.facts.to),
    "from_numbers": lambda wanted: _number("caller's", frozenset(wanted), lambda call: call.facts.from_),
    "from_prefix": _prefix,
    "anonymous": lambda wanted: _yes(
        wanted, lambda call: not call.facts.from_, "the caller withholds their number", "the caller shows their number"
    ),
    "entered": lambda wanted: _yes(
        wanted, lambda call: call.facts.entered, "the dialled number is among the company's numbers",
        "the dialled number is not among the company's numbers",
    ),
    "digits": _digits,
    "in_list": _in_list,
    "attribute": lambda wanted: _wanted("attribute", wanted, lambda call: call.facts.attributes),
    "last_queue": lambda wanted: _named("the caller's last queue", wanted, lambda call: call.facts.last_queue),
    "last_profile": lambda wanted: _named("the caller's last agent", wanted, lambda call: call.facts.last_profile),
    "open_call_back": lambda wanted: _yes(
        wanted, lambda call: call.facts.open_call_back, "a call-back is promised to the caller",
        "no call-back is promised to the caller",
    ),
    "language": _language,
    "header": lambda wanted: _wanted(
        "header", {name.lower(): values for name, values in wanted.items()}, lambda call: call.facts.headers
    ),
    "waited_seconds": lambda limits: _between(
        "the caller has waited", " s", limits, lambda call: call.facts.waited_seconds
    ),
    "weekday": _weekday,
    "open": lambda name: _calendar(name, opened=True),
    "closed": lambda name: _calendar(name, opened=False),
    "share": _share,
    "from_country": lambda wanted: _country(frozenset(wanted)),
}  # fmt: skip
"""Every field but `queue`, which has several figures, and the nested ones; what costs little comes first."""
