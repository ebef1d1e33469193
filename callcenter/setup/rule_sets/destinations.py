"""Where an action leads a call, in a few words: to compare versions, and decisions about one call."""

from dataclasses import dataclass
from typing import Any

from callcenter.setup.rule_sets.actions import (
    Action,
    CallBack,
    FallbackAction,
    HumanFirst,
    Menu,
    Message,
    Reject,
    ToQueue,
    Transfer,
    Voicemail,
    WidenSkills,
)

LONGEST_TEXT = 60


@dataclass(frozen=True)
class Destination:
    """`action` and `place` (the queue, box or number) are where the call goes; `terms` is how it is treated there."""

    action: str
    place: str = ""
    terms: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`support` for a queue, which is where most calls go; `voicemail orders`, `message`, … for the rest."""
        name = self.action.replace("_", " ").replace("call back", "call-back")
        return self.place if self.action == "queue" else f"{name} {self.place}".rstrip()

    @property
    def where(self) -> tuple[str, str]:
        return self.action, self.place


def destination(action: Action | FallbackAction) -> Destination:
    """What this action says by itself: a queue's own profile and skills are not its matter."""
    place, terms = "", tuple[str, ...]()
    match action:
        case ToQueue() | HumanFirst() | CallBack():
            place, terms = action.queue, tuple(_terms(action))
        case Message():
            terms = (_sound(action), *(() if action.outcome == "completed" else (action.outcome,)))
        case Voicemail():
            place, terms = action.box, (quoted(action.greeting), f"{action.max_seconds:g} s")
        case Transfer():
            over = () if action.trunk is None else (f"over {action.trunk}",)
            place, terms = action.number, (quoted(action.text), *over)
        case Menu():
            terms = (quoted(action.prompt),)
        case WidenSkills():
            place = action.drop if action.drop == "all" else ", ".join(action.drop)
        case Reject():
            pass
    return Destination(action.action, place, terms)


def quoted(text: str) -> str:
    """A sentence in quotes, shortened to what a table can hold."""
    return f"'{text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + '…'}'"


def _sound(message: Message) -> str:
    return f"audio {message.audio}" if message.audio else quoted(message.text or "")


def _terms(action: ToQueue | HumanFirst | CallBack) -> list[str]:
    """What is set; what is left at its default goes without saying."""
    terms: list[str] = []
    if action.profile is not None:
        terms.append(f"profile {action.profile}")
    if action.priority:
        terms.append(f"priority {action.priority}")
    if isinstance(action, CallBack):
        return terms
    if action.required_skills:
        terms.append(f"requires {', '.join(sorted(action.required_skills))}")
    if action.preferred_skills:
        terms.append(f"prefers {', '.join(sorted(action.preferred_skills))} for {action.prefer_seconds:g} s")
    if isinstance(action, HumanFirst):
        terms.append(f"asks {action.ask_seconds:g} s")
    terms.extend(f"after {f.after_seconds:g} s {in_words(f.then)}" for f in action.fallbacks)
    return terms


def in_words(action: Action | FallbackAction) -> str:
    """`queue support`, `message 'We are closed.'`: an action where a rule of another is explained."""
    found = destination(action)
    if isinstance(action, Message | Menu):
        return f"{found.action} {found.terms[0]}"
    return f"queue {found.place}" if found.action == "queue" else str(found)


def as_json(found: Destination) -> dict[str, Any]:
    """As it is kept with a call."""
    parts = {"action": found.action, "place": found.place, "terms": list(found.terms)}
    return {name: part for name, part in parts.items() if part}


def from_json(data: dict[str, Any]) -> Destination:
    return Destination(data["action"], data.get("place", ""), tuple(data.get("terms", ())))
