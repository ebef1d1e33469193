"""What a caller who leaves a message is told besides the greeting of the box, which its admin writes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The sentences of one language: after a message, where there was none, and after an attendant that died in the
    middle of one."""

    goodbye: str
    nothing: str
    go_on: str


ENGLISH = Words(
    "Thank you. Your message has been recorded. Goodbye.",
    "I did not hear a message. Goodbye.",
    "I am sorry, we were interrupted. What you have said so far is kept. "
    "Please go on after the tone, or hang up if you are done.",
)
_WORDS = {
    "en": ENGLISH,
    "de": Words(
        "Vielen Dank. Ihre Nachricht ist aufgenommen. Auf Wiederhören.",
        "Ich habe keine Nachricht gehört. Auf Wiederhören.",
        "Entschuldigung, wir wurden unterbrochen. Was Sie bisher gesagt haben, ist gespeichert. "
        "Bitte sprechen Sie nach dem Ton weiter, oder legen Sie auf, wenn Sie fertig sind.",
    ),
}


def words_of(language: str) -> Words:
    """The sentences of a language, `de` for `de-AT`; in one that is not here, English."""
    return _WORDS.get(language.split("-", maxsplit=1)[0].lower(), ENGLISH)
