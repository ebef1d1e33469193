"""Where a call goes: pure and total. The first rule that matches decides, and every step is said in words."""

from dataclasses import dataclass

from callcenter.setup.rule_sets.rules import Action, Message, RuleSetBody, When

NO_RULE = Message(
    action="message",
    text="I am sorry, this number cannot be answered. Please check the number and call again. Goodbye.",
    outcome="refused",
)


@dataclass(frozen=True)
class Facts:
    """What is known of a call when it is routed."""

    to: str
    from_: str
    entered: bool


@dataclass(frozen=True)
class Decision:
    rule: str | None
    action: Action
    trace: tuple[str, ...]


def decide(rule_set: RuleSetBody | None, facts: Facts) -> Decision:
    """The first matching rule's action; a sentence and outcome `refused` when none matches or none is published."""
    trace: list[str] = []
    if rule_set is None:
        return Decision(None, NO_RULE, ("no rule set is published",))
    for position, rule in enumerate(rule_set.rules, start=1):
        matched, because = _matches(rule.when, facts)
        trace.append(f"rule {position} '{rule.name}' {'matched' if matched else 'did not match'}: {because}")
        if matched:
            return Decision(rule.name, rule.then, tuple(trace))
    return Decision(None, NO_RULE, (*trace, "no rule matched"))


def _matches(when: When, facts: Facts) -> tuple[bool, str]:
    """Whether all conditions hold, and why: the first that does not, or all that do."""
    checks: list[tuple[bool, str]] = []
    if when.to is not None:
        hit = facts.to in when.to
        checks.append((hit, f"the dialled number is {'' if hit else 'not '}{' or '.join(when.to)}"))
    if when.from_prefix is not None:
        hit = facts.from_.startswith(when.from_prefix)
        checks.append((hit, f"the caller's number {'starts' if hit else 'does not start'} with "
                            f"{' or '.join(when.from_prefix)}"))  # fmt: skip
    if when.entered is not None:
        known = "is" if facts.entered else "is not"
        checks.append((facts.entered == when.entered, f"the dialled number {known} among the company's numbers"))
    for hit, words in checks:
        if not hit:
            return False, words
    return True, " and ".join(words for _, words in checks) or "it matches every call"
