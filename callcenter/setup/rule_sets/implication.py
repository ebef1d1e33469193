"""Whether one condition follows from others. Sound and not complete: what it finds is so; what it does not may be so.

That a calendar which is not open is closed holds only for one that exists, so those are named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf

from callcenter.setup.calendars.hours import zone
from callcenter.setup.rule_sets.atoms import FLAGS, KINDS, Atom, Condition
from callcenter.setup.rule_sets.conditions import ANY_VALUE, DAYS, LOTS

CASES = 256  # more are not looked at one by one
STEPS = 5_000_000  # 500 rules as people write them take a fifth of it; all of it is some seconds of one core
NOBODY = -1
_SHOW_A_NUMBER = ("from", "from_prefix", "from_country")
_SAYS_SOMETHING_OF = {"anonymous": _SHOW_A_NUMBER, "from": ("from_prefix", "anonymous"),
                      "from_prefix": ("from", "anonymous"), "from_country": ("anonymous",)}  # fmt: skip
_WHOLE: dict[str, frozenset[object]] = {
    **dict.fromkeys(FLAGS, frozenset({True, False})), "calendar": frozenset({"open", "closed"}),
    "weekday": frozenset(DAYS),
}  # fmt: skip


class TooManySteps(Exception):
    """The conditions are too many or too intricate to be judged."""


@dataclass
class Budget:
    """How many comparisons of two things may still be made."""

    steps: int = STEPS

    def spend(self) -> None:
        """Raises TooManySteps."""
        self.steps -= 1
        if self.steps < 0:
            raise TooManySteps


def taken_by(
    asked: Condition, earlier: Sequence[Condition], calendars: frozenset[str], budget: Budget | None = None
) -> int | None:
    """The index of an earlier condition, if each call for which `asked` is true makes one of the earlier ones true: the
    last that it takes to say so. NOBODY when `asked` is true for no call. None when neither is known. Raises
    TooManySteps."""
    last = NOBODY
    budget = budget or Budget()
    for case in _cases(asked):
        found = _taken(case, earlier, calendars, budget)
        if found is None:
            return None
        last = max(last, found)
    return last


def _cases(asked: Condition) -> Iterator[Condition]:
    """The condition, taken apart where it says `or`: together they are what it says."""
    parts: list[list[Condition]] = []
    count = 1
    for atom in asked:
        branches = _branches(atom)
        if count * len(branches) > CASES:
            branches = [(atom,)]
        count *= len(branches)
        parts.append(branches)
    for chosen in product(*parts):
        yield tuple(atom for branch in chosen for atom in branch)


def _branches(atom: Atom) -> list[Condition]:
    if atom.kind == "any":
        return list(atom.wanted)
    if isinstance(atom.wanted, frozenset) and len(atom.wanted) > 1 and ANY_VALUE not in atom.wanted:
        return [(Atom(atom.kind, frozenset({one}), atom.of),) for one in sorted(atom.wanted)]
    return [(atom,)]


def _taken(
    asked: Condition, earlier: Sequence[Condition], calendars: frozenset[str], budget: Budget
) -> int | None:  # fmt: skip
    """As `taken_by`, of one case: where all of an earlier condition but one thing is known to be true, and it took no
    such call, that thing is known to be false; and so on."""
    known = Knowledge(asked, budget)
    if any(known.refutes(atom) for atom in asked):
        return NOBODY
    left = dict(enumerate(earlier))
    learnt = True
    while learnt:
        learnt = False
        for index, atoms in list(left.items()):
            unsure = [atom for atom in atoms if not known.implies(atom)]
            if not unsure:
                return index
            if any(known.refutes(atom) for atom in unsure):
                del left[index]
            elif len(unsure) == 1:
                for atom in _negated(unsure[0], calendars):
                    known.add(atom)
                del left[index]
                learnt = True
    return None


class Knowledge:
    """Atoms that are true together, found by what they are about: a rule set may say hundreds of things."""

    def __init__(self, atoms: Condition, budget: Budget) -> None:
        self._budget = budget
        self._about: dict[tuple[str, str], list[Atom]] = {}
        self._denials: dict[tuple[str, str], list[Atom]] = {}
        for atom in atoms:
            self.add(atom)

    def add(self, atom: Atom) -> None:
        """Another one is true besides; two sets or ranges of one thing are one."""
        found = self._about.setdefault((atom.kind, atom.of), [])
        if atom.kind in _WHOLE:
            wanted = frozenset.intersection(atom.wanted, *(before.wanted for before in found))
            found[:] = [Atom(atom.kind, wanted, atom.of)]
        elif atom.kind == "waited":
            ranges = [before.wanted for before in (*found, atom)]
            found[:] = [Atom(atom.kind, (max(low for low, _ in ranges), min(high for _, high in ranges)))]
        else:
            found.append(atom)
        for each in atom.wanted if atom.kind == "none" else ():
            self._denials.setdefault((each.kind, each.of), []).append(atom)

    def implies(self, goal: Atom) -> bool:
        """Whether the goal is true wherever all of this is."""
        if (goal.kind == "share" and goal.wanted >= LOTS) or self._follows(goal):
            return True
        if goal.kind == "any":
            return any(all(self.implies(each) for each in branch) for branch in goal.wanted)
        return goal.kind == "none" and any(self.refutes(each) for each in goal.wanted)

    def refutes(self, goal: Atom) -> bool:
        """Whether the goal is false wherever all of this is true."""
        if goal.kind == "share" and goal.wanted <= 0:
            return True
        if goal.kind == "any":
            return all(any(self.refutes(each) for each in branch) for branch in goal.wanted)
        if goal.kind == "none":
            return all(self.implies(each) for each in goal.wanted)
        return any(_against(each, goal) for each in self._near(self._about, goal)) or any(
            all(_follows(goal, each) or self._follows(each) for each in denial.wanted)
            for denial in self._near(self._denials, goal)
        )

    def _follows(self, goal: Atom) -> bool:
        return any(_follows(each, goal) for each in self._near(self._about, goal))

    def _near(self, atoms: dict[tuple[str, str], list[Atom]], goal: Atom) -> Iterator[Atom]:
        self._budget.spend()
        for place in ((goal.kind, goal.of), *((kind, "") for kind in _SAYS_SOMETHING_OF.get(goal.kind, ()))):
            for atom in atoms.get(place, ()):
                self._budget.spend()
                yield atom


def _follows(atom: Atom, goal: Atom) -> bool:
    """Whether the goal follows from this atom alone."""
    if (atom.kind, atom.of) == (goal.kind, goal.of):
        if goal.kind == "none":  # what is not true stays so when more is asked for
            return all(any(_follows(given, each) for given in goal.wanted) for each in atom.wanted)
        return KINDS[goal.kind].narrower(atom.wanted, goal.wanted)
    if goal.kind == "anonymous":
        return goal.wanted == {False} and atom.kind in _SHOW_A_NUMBER
    prefixed = goal.kind == "from_prefix" and atom.kind == "from"
    return prefixed and KINDS["from_prefix"].narrower(atom.wanted, goal.wanted)


def _against(atom: Atom, goal: Atom) -> bool:
    """Whether both cannot be true."""
    if (atom.kind, atom.of) == (goal.kind, goal.of):
        return KINDS[goal.kind].apart(atom.wanted, goal.wanted)
    first, second = sorted((atom, goal), key=lambda one: one.kind)
    if first.kind == "anonymous":
        return first.wanted == {True} and second.kind in _SHOW_A_NUMBER
    prefixed = (first.kind, second.kind) == ("from", "from_prefix")
    return prefixed and not any(number.startswith(tuple(second.wanted)) for number in first.wanted)


def _negated(atom: Atom, calendars: frozenset[str]) -> Condition:
    """What is true where this atom is not."""
    if atom.kind == "none":
        return tuple(atom.wanted)
    if atom.kind == "any":
        return tuple(Atom("none", branch) for branch in atom.wanted)
    if atom.kind == "waited" and -inf in atom.wanted:
        return (Atom("waited", (atom.wanted[1], inf)),)
    if atom.kind == "waited" and inf in atom.wanted:
        return (Atom("waited", (-inf, atom.wanted[0])),)
    exists = atom.kind in FLAGS or (atom.of in calendars if atom.kind == "calendar" else zone(atom.of) is not None)
    if atom.kind in _WHOLE and exists:
        return (Atom(atom.kind, _WHOLE[atom.kind] - atom.wanted, atom.of),)
    return (Atom("none", (atom,)),)
