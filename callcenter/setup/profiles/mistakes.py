"""Rules and words that could never be met, and fields that could not be told apart: pure. Not part of the profile's
shape, so that what was kept before somebody looked for it can still be read."""

from collections.abc import Iterator, Sequence

from callcenter.platform.plumbing.errors import FieldError
from callcenter.platform.wire.brief import NamedField, TurnTaking
from callcenter.platform.wire.words import plain
from callcenter.setup.profiles.rules import EscalationRules


def escalates_never(rules: EscalationRules, not_understood: str) -> Iterator[FieldError]:
    """What has no letter and no digit is never found: see how words are compared, `platform.wire.words`."""
    if rules.after_misunderstandings is not None and not _has_words(not_understood):
        expected = "nothing, or a sentence in not_understood: misunderstandings are counted by it"
        yield FieldError("escalation.after_misunderstandings", rules.after_misunderstandings, expected)
    for index, keyword in enumerate(rules.keywords):
        if not _has_words(keyword):
            yield FieldError(f"escalation.keywords.{index}", keyword, "a word, or words in a row, such as money back")


def goes_on_after_nothing(turns: TurnTaking) -> Iterator[FieldError]:
    """These are compared as words, too (inroom/agent/last_words.py)."""
    for index, words in enumerate(turns.goes_on_after):
        if not _has_words(words):
            yield FieldError(
                f"turn_taking.goes_on_after.{index}", words, "words that callers pause after, such as my number is"
            )


def repeated(fields: Sequence[NamedField]) -> Iterator[FieldError]:
    """Fields are filled in by their name: two of one name would be one."""
    first: dict[str, int] = {}
    for index, field in enumerate(fields):
        before = first.setdefault(field.name.strip().casefold(), index)
        if before != index:
            yield FieldError(f"fields.{index}.name", field.name, f"a name of its own: field {before + 1} has this one")


def _has_words(text: str) -> bool:
    return bool(plain(text))
