"""What is said about call-backs, by language; English where a language is not here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """`{number}` is said digit by digit. `yes` and `no` are words that mean keys 1 and 2."""

    confirm: str
    enter: str
    not_a_number: str
    not_allowed: str
    nothing_chosen: str
    not_wanted: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


_EN = Words(
    confirm="I can call you back on {number} when it is your turn. If that is right, press 1 or say yes. "
    "To give another number, press 2.",
    enter="Please enter the number with its area code, and press the hash key at the end.",
    not_a_number="I am sorry, I did not understand that number.",
    not_allowed="I am sorry, I cannot call that number.",
    nothing_chosen="I did not get a number, so nobody will call you back. Please call again. Goodbye.",
    not_wanted="All right. We will not call again. Goodbye.",
    yes=("yes", "yeah", "right", "correct", "that is right"),
    no=("no", "another number", "not now"),
)
_DE = Words(
    confirm="Ich kann Sie unter {number} zurückrufen, sobald Sie an der Reihe sind. Wenn das stimmt, drücken Sie die 1 "
    "oder sagen Sie ja. Für eine andere Nummer drücken Sie die 2.",
    enter="Bitte geben Sie die Nummer mit Vorwahl ein, und am Ende die Raute.",
    not_a_number="Diese Nummer habe ich leider nicht verstanden.",
    not_allowed="Diese Nummer kann ich leider nicht anrufen.",
    nothing_chosen="Ich habe keine Nummer bekommen, deshalb ruft niemand zurück. Bitte rufen Sie wieder an. "
    "Auf Wiederhören.",
    not_wanted="In Ordnung. Wir rufen nicht mehr an. Auf Wiederhören.",
    yes=("ja", "stimmt", "richtig", "genau"),
    no=("nein", "andere nummer"),
)
_WORDS = {"en": _EN, "de": _DE}


def words_of(language: str) -> Words:
    """The words of a language, `de` for `de-AT`."""
    return _WORDS.get(language.split("-", maxsplit=1)[0].lower(), _EN)
