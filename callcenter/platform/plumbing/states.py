"""State machines kept by the statement itself: an UPDATE of a state touches only rows whose state may become the new
one, so a transition that no table of transitions holds does not happen, whoever asks for it."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa

State = TypeVar("State", bound=StrEnum)
Transitions = Mapping[State, frozenset[State]]


def before(transitions: Transitions[State], after: State) -> frozenset[State]:
    """The states that may become `after`."""
    return frozenset(state for state, targets in transitions.items() if after in targets)


def move(
    table: type[Any],
    transitions: Transitions[State],
    after: State,
    *,
    only_from: Collection[State] | None = None,
    or_still: bool = False,
) -> sa.Update:
    """An UPDATE that brings rows of `table` to the state `after` from those states that may become it; `only_from`
    narrows them, `or_still` also touches rows that are in it already. Callers add which rows, and further values."""
    allowed = before(transitions, after)
    if only_from is not None:
        allowed &= frozenset(only_from)
    if or_still:
        allowed |= {after}
    return sa.update(table).where(table.state.in_(sorted(allowed))).values(state=after)
