"""Everything that a rule set says, each with its place in the file (`rules.3.then.fallbacks.0.then`)."""

from collections.abc import Iterator

from callcenter.setup.rule_sets.actions import Action, Fallback, FallbackAction, InQueue, Menu
from callcenter.setup.rule_sets.conditions import When
from callcenter.setup.rule_sets.rules import RuleSetBody

Placed = tuple[str, Action | FallbackAction]


def whens_of(body: RuleSetBody) -> Iterator[tuple[str, When]]:
    """Every condition, the nested ones too."""
    for index, rule in enumerate(body.rules):
        yield from _whens(f"rules.{index}.when", rule.when)


def _whens(place: str, when: When) -> Iterator[tuple[str, When]]:
    yield place, when
    for kind in ("all", "any", "none"):
        for index, each in enumerate(getattr(when, kind) or ()):
            yield from _whens(f"{place}.{kind}.{index}", each)


def actions_of(body: RuleSetBody) -> Iterator[Placed]:
    """Every action, those of menus and fallbacks too."""
    for index, rule in enumerate(body.rules):
        yield from _actions(f"rules.{index}.then", rule.then)


def actions_in(action: Action) -> Iterator[Action | FallbackAction]:
    """This action and all that it may lead to."""
    return (each for _, each in _actions("", action))


def _actions(place: str, action: Action | FallbackAction) -> Iterator[Placed]:
    yield place, action
    if isinstance(action, Menu):
        for key, option in action.options.items():
            if option.then is not None:
                yield from _actions(f"{place}.options.{key}.then", option.then)
        yield from _actions(f"{place}.otherwise", action.otherwise)
    elif isinstance(action, InQueue):
        for index, fallback in enumerate(action.fallbacks):
            yield from _actions(f"{place}.fallbacks.{index}.then", fallback.then)


def queue_paths(body: RuleSetBody) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every queue that a fallback leads to: its place, its name, and the queues that the call was in before."""
    for place, action in actions_of(body):
        if isinstance(action, InQueue) and ".fallbacks." not in place:
            yield from _onward(place, action, (action.queue,))


def _onward(place: str, action: InQueue, before: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for index, fallback in enumerate(action.fallbacks):
        then, here = fallback.then, f"{place}.fallbacks.{index}.then"
        if isinstance(then, InQueue):
            yield f"{here}.queue", then.queue, before
            before = (*before, then.queue)
            yield from _onward(here, then, before)


def ends_the_wait(fallback: Fallback) -> bool:
    """Whether nothing can follow this fallback in its list."""
    then = fallback.then
    return then.action not in ("queue", "widen_skills") or (isinstance(then, InQueue) and bool(then.fallbacks))
