"""Where a call goes: pure and total. The first rule that matches decides, and every step is said in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from callcenter.setup.calendars.rules import CalendarBody
from callcenter.setup.rule_sets.actions import HumanFirst, Menu, Message
from callcenter.setup.rule_sets.rules import Rule, RuleSetBody
from callcenter.stages.routing.conditions import Every, ready
from callcenter.stages.routing.facts import Decision, Facts, Step
from callcenter.stages.routing.fields import Calendars, Situation
from callcenter.stages.routing.needs import needs_of

NO_RULE = Message(
    action="message",
    text="I am sorry, this number cannot be answered. Please check the number and call again. Goodbye.",
    outcome="refused",
)
MOST_COMPILED = 8
NO_KEY = "-"  # among digits: a menu's time was up and nothing was chosen
NOT_PUBLISHED = Decision(None, None, NO_RULE, remarks=("no rule set is published",))


@dataclass(frozen=True, slots=True)
class _Ready:
    position: int
    rule: Rule
    test: Every


class Compiled:
    """A rule set made ready once, to decide many calls."""

    def __init__(self, body: RuleSetBody) -> None:
        self.body = body
        self.needs = needs_of(body)
        self._rules = tuple(_Ready(n, rule, ready(rule.when)) for n, rule in enumerate(body.rules, start=1))
        # Without words, only the rules that may be for a number are looked at: a large set has few for each.
        self._by_number = {number: tuple(self._for(number)) for rule in body.rules for number in rule.when.to or ()}
        self._for_others = tuple(one for one in self._rules if one.rule.when.to is None)

    def _for(self, number: str) -> Iterator[_Ready]:
        return (one for one in self._rules if one.rule.when.to is None or number in one.rule.when.to)

    def decide(self, facts: Facts, calendars: Calendars) -> Decision:
        """The first matching rule's action, and every step to it in words. Digits walk the menus: each key that is
        pressed chooses an option of the menu that was decided before. Without a rule that matches, the caller hears a
        sentence and is refused."""
        return self._walk(facts, calendars, tell=True)

    def destination(self, facts: Facts, calendars: Calendars) -> Decision:
        """The same decision without steps, many times as fast."""
        return self._walk(facts, calendars, tell=False)

    def _walk(self, facts: Facts, calendars: Calendars, *, tell: bool) -> Decision:
        keys = "".join(facts.digits)
        pressed = ""
        tries = 0
        decided = self._first(Situation(facts, calendars), tell=tell)
        for index, key in enumerate(keys):
            menu = decided.action
            if not isinstance(menu, Menu):
                decided = replace(decided, remarks=(*decided.remarks, f"the keys {keys[index:]} were not asked for"))
                break
            option = menu.options.get(key)
            tries = tries + 1 if option is None else 0
            if option is None:
                missed = "nothing was chosen" if key == NO_KEY else f"key {key} is no option of the menu"
                decided = _with_step(decided, missed)
                if tries > menu.repeats:
                    decided = _with_step(replace(decided, action=menu.otherwise), f"otherwise, after {tries} tries")
                    tries = 0
                continue
            pressed += key
            decided = _with_step(decided, f"key {key} is '{option.name}'")
            if option.then is not None:
                decided = replace(decided, action=option.then)
            else:
                again = self._first(Situation(_at_key(facts, index), calendars, pressed), tell=tell)
                decided = replace(again, steps=(*decided.steps, *again.steps))
        return _remarked(decided, facts)

    def _first(self, call: Situation, *, tell: bool) -> Decision:
        """The first rule that matches with these keys pressed."""
        steps: list[Step] = []
        if not tell:
            for one in self._by_number.get(call.facts.to, self._for_others):
                if one.test.holds(call):
                    return Decision(one.position, one.rule.name, one.rule.then)
            return Decision(None, None, NO_RULE)
        for one in self._rules:
            matched, because = one.test.because(call)
            steps.append(Step(one.position, one.rule.name, matched, because))
            if matched:
                return Decision(one.position, one.rule.name, one.rule.then, tuple(steps))
        return Decision(None, None, NO_RULE, tuple(steps), ("no rule matched",))


_compiled: dict[int, Compiled] = {}  # by identity: comparing two large sets takes longer than routing by them


def compiled(body: RuleSetBody) -> Compiled:
    """The rule set made ready; the same one again is not made again."""
    found = _compiled.get(id(body))
    if found is None or found.body is not body:
        if len(_compiled) >= MOST_COMPILED:
            _compiled.clear()
        found = _compiled[id(body)] = Compiled(body)
    return found


def decide(rule_set: RuleSetBody | None, facts: Facts, calendars: Mapping[str, CalendarBody]) -> Decision:
    """What the rules do with this call; for many calls, `Compiled` once. A sentence and outcome `refused` when no rule
    matches or none is published."""
    return NOT_PUBLISHED if rule_set is None else Compiled(rule_set).decide(facts, Calendars(calendars))


def _at_key(facts: Facts, index: int) -> Facts:
    """The facts as they were when this key was pressed: rules that ask how long the caller has waited decide once, and
    not otherwise when a later key is pressed."""
    return replace(facts, waited_seconds=facts.digits_at[index]) if index < len(facts.digits_at) else facts


def _with_step(decided: Decision, because: str) -> Decision:
    """What happened in the menu of the rule that was decided, where steps are told."""
    if decided.position is None or not decided.steps:
        return decided
    return replace(decided, steps=(*decided.steps, Step(decided.position, decided.rule or "", True, because)))


def _remarked(decided: Decision, facts: Facts) -> Decision:
    """Supervisors are asked first only while there are any; the words say so."""
    action = decided.action
    if isinstance(action, HumanFirst):
        figures = facts.queues.get(action.queue)
        if figures is None or figures.supervisors <= 0:
            words = f"no supervisor can be asked, so the call goes to queue '{action.queue}'"
            return replace(decided, remarks=(*decided.remarks, words))
    return decided
