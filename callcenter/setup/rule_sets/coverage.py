"""What must be true of a rule set as a whole before it may be published: all that it names exists, every rule can be
reached, every number of the company has a route, and no call goes round in circles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from callcenter.platform.plumbing.errors import FieldError
from callcenter.setup.rule_sets.actions import Menu
from callcenter.setup.rule_sets.atoms import Atom, Condition, condition
from callcenter.setup.rule_sets.implication import NOBODY, STEPS, Budget, Knowledge, TooManySteps, taken_by
from callcenter.setup.rule_sets.names import Known, unknown
from callcenter.setup.rule_sets.places import actions_of, queue_paths
from callcenter.setup.rule_sets.rules import RuleSetBody

_KEY = re.compile(r"\.options\.([^.]+)")
MOST_WAYS = 100  # through menus, that are followed for one number


def check(body: RuleSetBody, known: Known, steps: int = STEPS) -> list[FieldError]:
    """What is wrong with the set as a whole, with the field of each error; empty when it may be published. What takes
    more than so many steps to judge may not."""
    conditions, budget = [condition(rule.when) for rule in body.rules], Budget(steps)
    found = [*_doubled(body), *unknown(body, known), *_round_and_round(body)]
    try:
        found.extend(_unreachable(body, conditions, known, budget))
        found.extend(_without_route(body, conditions, known, budget))
    except TooManySteps:
        expected = "fewer rules, or simpler conditions: it would take too long to tell whether each rule can be reached"
        found.append(FieldError("rules", len(body.rules), f"{expected} and each number has a route"))
    return found


def _doubled(body: RuleSetBody) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, rule in enumerate(body.rules):
        if rule.name in seen:
            yield FieldError(f"rules.{index}.name", rule.name, "a name that no other rule has")
        seen.add(rule.name)


def _round_and_round(body: RuleSetBody) -> Iterator[FieldError]:
    """Fallbacks that lead a call back to a queue it came from."""
    for place, queue, before in queue_paths(body):
        if queue in before:
            way = " → ".join((*before, queue))
            yield FieldError(place, queue, f"a queue that the call did not wait in before; this is a loop: {way}")


def _unreachable(
    body: RuleSetBody, conditions: list[Condition], known: Known, budget: Budget
) -> Iterator[FieldError]:  # fmt: skip
    for index, rule in enumerate(body.rules):
        taken = taken_by(conditions[index], conditions[:index], known.calendars, budget)
        if taken == NOBODY:
            yield FieldError(
                f"rules.{index}.when", rule.name, "conditions that a call can meet together; no call meets these"
            )
        elif taken is not None:
            takes = "matches every call" if not conditions[taken] else "leaves no call for it"
            yield FieldError(
                f"rules.{index}", rule.name,
                f"to stand before rule {taken + 1} '{body.rules[taken].name}', which {takes}",
            )  # fmt: skip


@dataclass(frozen=True)
class _Heard:
    """A call after some keys: the place of the last one's option, and the rules whose menus were heard."""

    pressed: str = ""
    place: str = "rules"
    menus: tuple[int, ...] = ()


def _without_route(
    body: RuleSetBody, conditions: list[Condition], known: Known, budget: Budget
) -> Iterator[FieldError]:  # fmt: skip
    """Numbers whose callers might meet no rule, at once or after a key that asks the rules again; and keys that lead
    back to a menu that was heard before."""
    circles: set[str] = set()
    for number in known.numbers:
        calls = [_Heard()]
        for heard in calls:
            asked = _call(number, heard.pressed)
            if taken_by(asked, conditions, known.calendars, budget) is None:
                after = f" after the keys {heard.pressed}" if heard.pressed else ""
                yield FieldError(heard.place, number, f"a rule that matches every call to {number}{after}")
            for index, keys, place in _asking_again(body):
                if taken_by((*asked, *conditions[index]), conditions[:index], known.calendars, budget) is not None:
                    continue  # this menu is not heard by such a call
                onward = _Heard(heard.pressed + keys, place, (*heard.menus, index))
                if any(_surely(menu, conditions, _call(number, onward.pressed), budget) for menu in onward.menus):
                    circles.add(place)
                elif index not in heard.menus and len(calls) < MOST_WAYS:
                    calls.append(onward)
    for place in sorted(circles):
        keys = "".join(_KEY.findall(place))
        yield FieldError(
            place, keys[-1],
            f"then, or a rule before this one for digits that end with '{keys}': this key leads back to a menu that "
            "was heard before",
        )  # fmt: skip


def _call(number: str, pressed: str) -> Condition:
    """Any call to this number of the company, with these keys pressed."""
    return (
        Atom("to", frozenset({number})), Atom("entered", frozenset({True})), Atom("digits", frozenset({pressed})),
    )  # fmt: skip


def _surely(index: int, conditions: list[Condition], again: Condition, budget: Budget) -> bool:
    """Whether this rule can match such a call, and none before it can."""
    known = Knowledge(again, budget)
    impossible = [any(known.refutes(atom) for atom in one) for one in conditions[: index + 1]]
    return not impossible[index] and all(impossible[:index])


def _asking_again(body: RuleSetBody) -> Iterator[tuple[int, str, str]]:
    """The rule, its keys and the place of each option after which the rules are asked again."""
    for place, action in actions_of(body):
        if isinstance(action, Menu):
            for key, option in action.options.items():
                if option.then is None:
                    here = f"{place}.options.{key}"
                    yield int(place.split(".")[1]), "".join(_KEY.findall(here)), here
