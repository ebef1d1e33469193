"""What a rule set asks for, so that nothing else is looked up while the caller's phone rings."""

from dataclasses import dataclass

from callcenter.setup.rule_sets.actions import HumanFirst
from callcenter.setup.rule_sets.conditions import When
from callcenter.setup.rule_sets.places import actions_of, whens_of
from callcenter.setup.rule_sets.rules import RuleSetBody

_PLAIN = frozenset(When.model_fields) - {"all", "any", "none"}


@dataclass(frozen=True)
class Needs:
    """`fields` are those of conditions; `calendars` and `queues` are the names that are asked about."""

    fields: frozenset[str]
    calendars: frozenset[str]
    queues: frozenset[str]


NOTHING = Needs(frozenset(), frozenset(), frozenset())


def needs_of(body: RuleSetBody) -> Needs:
    """Everything that any of the rules might ask."""
    whens = [when for _, when in whens_of(body)]
    asked = [action.queue for _, action in actions_of(body) if isinstance(action, HumanFirst)]
    return Needs(
        fields=frozenset(field for when in whens for field in _PLAIN if getattr(when, field) is not None),
        calendars=frozenset(name for when in whens for name in (when.open, when.closed) if name is not None),
        queues=frozenset([*asked, *(when.queue.name for when in whens if when.queue is not None)]),
    )
