"""What a rule set names and the company does not have, and fields that together make no sense."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import phonenumbers

from callcenter.platform.plumbing.errors import FieldError
from callcenter.setup.calendars.hours import zone
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets.actions import (
    Action,
    CallBack,
    FallbackAction,
    InQueue,
    Menu,
    Message,
    Transfer,
    WidenSkills,
)
from callcenter.setup.rule_sets.conditions import When
from callcenter.setup.rule_sets.places import actions_of, ends_the_wait, whens_of
from callcenter.setup.rule_sets.rules import RuleSetBody


@dataclass(frozen=True)
class Known:
    """What a rule set may name. `skills` are those that an agent or a queue has or had; `trunks` are None where nobody
    could be asked which there are: then they are not judged."""

    queues: Mapping[str, QueueBody] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()
    calendars: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    sounds: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    trunks: frozenset[str] | None = None


def unknown(body: RuleSetBody, known: Known) -> Iterator[FieldError]:
    """Every name that nothing of the company has, with those that something has; and what says nothing sensible."""
    for place, when in whens_of(body):
        yield from _in_condition(place, when, known)
    for place, action in actions_of(body):
        yield from _in_action(place, action, known)


def _in_condition(place: str, when: When, known: Known) -> Iterator[FieldError]:
    yield from _each(f"{place}.in_list", when.in_list, "caller list", known.lists)
    yield from _each(f"{place}.last_queue", when.last_queue, "queue", known.queues)
    yield from _each(f"{place}.last_profile", when.last_profile, "profile", known.profiles)
    for state in ("open", "closed"):
        yield from _one(f"{place}.{state}", getattr(when, state), "calendar", known.calendars)
    if when.queue is not None:
        yield from _one(f"{place}.queue.name", when.queue.name, "queue", known.queues)
    if when.weekday is not None and zone(when.weekday.zone) is None:
        yield FieldError(f"{place}.weekday.zone", when.weekday.zone, "an IANA time zone, such as Europe/Berlin")
    for index, country in enumerate(when.from_country or ()):
        if country not in phonenumbers.SUPPORTED_REGIONS:
            expected = "a country that has telephone numbers, as two letters of ISO 3166, such as DE"
            yield FieldError(f"{place}.from_country.{index}", country, expected)


def _in_action(place: str, action: Action | FallbackAction, known: Known) -> Iterator[FieldError]:
    if isinstance(action, InQueue | CallBack):
        yield from _queue(place, action, known)
    if isinstance(action, InQueue):
        yield from _line(place, action, known)
    if isinstance(action, Menu):
        yield from _spoken(place, action)
    if isinstance(action, Message):
        yield from _one(f"{place}.audio", action.audio, "sound", known.sounds)
        if action.text is None and action.audio is None:
            yield FieldError(f"{place}.text", None, "a text to say, or audio: the name of a sound to play")
    if isinstance(action, Transfer) and known.trunks is not None:
        yield from _one(f"{place}.trunk", action.trunk, "outbound trunk", known.trunks)


def _queue(place: str, action: InQueue | CallBack, known: Known) -> Iterator[FieldError]:
    yield from _one(f"{place}.queue", action.queue, "queue", known.queues)
    yield from _one(f"{place}.profile", action.profile, "profile", known.profiles)
    queue = known.queues.get(action.queue)
    if queue is not None and action.profile is None and queue.profile not in known.profiles:
        yield FieldError(
            f"{place}.queue", action.queue, f"a queue whose profile exists: '{queue.profile}' does not"
        )  # fmt: skip


def _line(place: str, action: InQueue, known: Known) -> Iterator[FieldError]:
    """Skills and fallbacks."""
    yield from _each(f"{place}.required_skills", action.required_skills, "skill", known.skills)
    yield from _each(f"{place}.preferred_skills", action.preferred_skills, "skill", known.skills)
    queue = known.queues.get(action.queue)
    required = {*action.required_skills, *(queue.required_skills if queue else ())}
    before = 0.0
    for index, fallback in enumerate(action.fallbacks):
        at, then = f"{place}.fallbacks.{index}", fallback.then
        if fallback.after_seconds <= before:
            yield FieldError(f"{at}.after_seconds", fallback.after_seconds, f"more than {before:g}, as before it")
        before = fallback.after_seconds
        if isinstance(then, WidenSkills) and then.drop != "all":
            yield from _each(f"{at}.then.drop", then.drop, "required skill of this queue", required)
        if index and ends_the_wait(action.fallbacks[index - 1]):
            ended = action.fallbacks[index - 1].then.action
            expected = f"no fallback after '{ended}', which ends the wait here"
            yield FieldError(at, then.action, expected)
        required |= set(then.required_skills) if isinstance(then, InQueue) else set()


def _spoken(place: str, menu: Menu) -> Iterator[FieldError]:
    """A word that is said must choose one option only."""
    chosen: dict[str, str] = {}
    for key, option in menu.options.items():
        for index, word in enumerate(option.say):
            other = chosen.setdefault(word.casefold(), key)
            if other != key:
                expected = f"a word that does not choose option {other} as well"
                yield FieldError(f"{place}.options.{key}.say.{index}", word, expected)


def _each(
    place: str, given: Iterable[str] | None, what: str, existing: Collection[str]
) -> Iterator[FieldError]:  # fmt: skip
    for index, name in enumerate(given or ()):
        yield from _one(f"{place}.{index}", name, what, existing)


def _one(place: str, name: str | None, what: str, existing: Collection[str]) -> Iterator[FieldError]:
    if name is not None and name not in existing:
        yield FieldError(place, name, f"an existing {what}: {', '.join(sorted(existing)) or 'none is set up yet'}")
