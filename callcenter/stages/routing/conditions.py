"""Whether a condition holds, and why in words: pure and total. A `When` is made into a test once; words are made only
for those who ask for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from callcenter.setup.rule_sets.conditions import When
from callcenter.stages.routing.fields import OF_FIELD, Situation, figures_of


class Test(Protocol):
    """A condition made ready: `holds` for the decision alone, `because` for the same with its words."""

    def holds(self, call: Situation) -> bool: ...
    def because(self, call: Situation) -> tuple[bool, str]: ...


@dataclass(frozen=True, slots=True)
class Every:
    """All must hold; the words are those of the first that does not, or of all."""

    tests: tuple[Test, ...]

    def holds(self, call: Situation) -> bool:
        return all(test.holds(call) for test in self.tests)

    def because(self, call: Situation) -> tuple[bool, str]:
        words = []
        for test in self.tests:
            held, because = test.because(call)
            if not held:
                return False, because
            words.append(because)
        return True, " and ".join(words) or "it matches every call"


@dataclass(frozen=True, slots=True)
class Some:
    """At least one must hold (`wanted`), or none may; the words are those of the first that does, or of all."""

    tests: tuple[Test, ...]
    wanted: bool

    def holds(self, call: Situation) -> bool:
        return any(test.holds(call) for test in self.tests) is self.wanted

    def because(self, call: Situation) -> tuple[bool, str]:
        words = []
        for test in self.tests:
            held, because = test.because(call)
            if held:
                return self.wanted, because
            words.append(because)
        return not self.wanted, " and ".join(words)


def ready(when: When) -> Every:
    """The condition as a test of what is given, and of no more."""
    return Every(tuple(_tests(when)))


def _tests(when: When) -> Iterator[Test]:
    for field, made in OF_FIELD.items():
        wanted = getattr(when, field)
        if wanted is not None:
            yield made(wanted)
    if when.queue is not None:
        yield from figures_of(when.queue)
    if when.all is not None:
        yield from (ready(each) for each in when.all)
    if when.any is not None:
        yield Some(tuple(ready(each) for each in when.any), wanted=True)
    if when.none is not None:
        yield Some(tuple(ready(each) for each in when.none), wanted=False)
