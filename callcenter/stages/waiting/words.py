"""What is announced to those who wait, in words. In a language that is not here nothing is said."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

_EN = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_EN_PLACES = ["-", "next", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_DE = ["kein", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]
LONG_MINUTES = 60
ROUGH_MINUTES = 10  # from here on in steps of five


@dataclass(frozen=True)
class Words:
    """The sentences of one language. `wait` is given whole minutes, 0 for less than one."""

    position: Callable[[int], str]
    wait: Callable[[int], str]
    long_wait: str
    nobody_to_ask: str
    nobody_came: str  # says an agent that is there instead
    nobody_came_wait: str  # says an attendant before an agent is there
    human_left: str  # says the agent when the supervisor who led is gone


def _english_position(position: int) -> str:
    if position == 1:
        return "You are next in line."
    if position < len(_EN_PLACES):
        return f"You are {_EN_PLACES[position]} in line."
    return f"There are {position - 1} callers before you."


def _english_wait(minutes: int) -> str:
    if minutes == 0:
        return "It will take less than a minute."
    return f"It will take about {_EN[minutes] if minutes < len(_EN) else minutes} minute{'s' if minutes > 1 else ''}."


def _german_position(position: int) -> str:
    if position == 1:
        return "Sie sind als Nächstes an der Reihe."
    if position == 2:
        return "Vor Ihnen wartet noch ein Anrufer."
    before = position - 1
    return f"Vor Ihnen warten noch {_DE[before] if before < len(_DE) else before} Anrufer."


def _german_wait(minutes: int) -> str:
    if minutes == 0:
        return "Es dauert weniger als eine Minute."
    if minutes == 1:
        return "Es dauert etwa eine Minute."
    return f"Es dauert etwa {_DE[minutes] if minutes < len(_DE) else minutes} Minuten."


WORDS = {
    "en": Words(
        _english_position,
        _english_wait,
        "It will take more than an hour.",
        "I am sorry, none of our people can be asked right now. Please stay on the line, you keep your place.",
        "I am sorry, none of my colleagues can take your call right now. I will help you as well as I can.",
        "I am sorry, none of our people can take your call right now. Please stay on the line, our assistant will help "
        "you.",
        "I am sorry, my colleague has left the line. I am here again, please go on.",
    ),
    "de": Words(
        _german_position,
        _german_wait,
        "Es dauert mehr als eine Stunde.",
        "Leider ist gerade niemand von unseren Leuten zu erreichen. Bitte bleiben Sie dran, Ihr Platz bleibt erhalten.",
        "Leider kann gerade niemand von meinen Kollegen Ihren Anruf annehmen. Ich helfe Ihnen, so gut ich kann.",
        "Leider kann gerade niemand von unseren Leuten Ihren Anruf annehmen. Bitte bleiben Sie dran, unser Assistent "
        "hilft Ihnen weiter.",
        "Leider ist die Verbindung zu meinem Kollegen abgebrochen. Ich bin wieder für Sie da, bitte sprechen Sie.",
    ),
}


def words_of(language: str) -> Words | None:
    """The words of a language, `de` for `de-AT`."""
    return WORDS.get(language.split("-", maxsplit=1)[0].lower())


def position_words(language: str, position: int) -> str:
    """Where the caller stands (1 is next), or "" in a language that is not here."""
    words = words_of(language)
    return words.position(position) if words else ""


def wait_words(language: str, seconds: float) -> str:
    """About how long it takes: minutes rounded up, from ten on in steps of five."""
    words = words_of(language)
    if words is None:
        return ""
    minutes = 0 if seconds < 60 else ceil(seconds / 60)
    if minutes > ROUGH_MINUTES:
        minutes = ceil(minutes / 5) * 5
    return words.long_wait if minutes > LONG_MINUTES else words.wait(minutes)
