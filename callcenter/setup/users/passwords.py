"""What a new password must be like: long, and not one of those that are tried first.

NIST SP 800-63B-4, 3.1.1.2 and OWASP ASVS 5.0, 6.2: at least 12 characters (more than the 8 that a second factor would
allow), long ones taken, no rules of composition, no change by the calendar; refused are common ones, repetitions,
sequences, and words of the product or the person.
"""

from collections.abc import Iterable

from callcenter.platform.plumbing.errors import FieldError, Invalid

SHORTEST = 12
LONGEST = 256
FEWEST_DIFFERENT = 4  # "abcabcabcabc" has three
LEAST_OF_ONES_OWN = 6  # characters that must remain without the words that everybody knows
SHORTEST_WORD = 4

# The commonest of twelve characters and more in published lists of stolen passwords (SecLists, Passwords/Common-
# Credentials); shorter ones need no mention.
_LISTED = """
unbelievable christmas123 chelseafc123 1q2w3e4r5t6y 1qaz2wsx3edc qwertyuiop123 iloveyou1234 iloveyousomuch password1234
password12345 password123456 passwordpassword passw0rd1234 changemechangeme changeme1234 letmeinletmein letmein12345
welcome12345 welcome123456 administrator adminadminadmin admin1234567 q1w2e3r4t5y6 zaq12wsxcde3 qwerty123456
qwerty12345678 asdfghjkl123 qazwsxedcrfv 1234qwerasdf qwer1234asdf trustno1trustno1 monkey123456 football1234
superman1234 dragon123456 sunshine1234 princess1234 abcd12345678 hellohellohello thisismypassword
correcthorsebatterystaple mypassword123 secretsecret secret123456 callcentercallcenter callcenter123 passwort1234
passwortpasswort hallohallohallo geheimgeheim
"""
OBVIOUS = frozenset(_LISTED.split())
_KEYBOARD = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)
_PRODUCT = ("callcenter", "password", "passwort", "contact center")


class BadPassword(Invalid):
    """This password is too easy to find."""


def check_new(password: str, field: str = "password", about: Iterable[str] = ()) -> None:
    """Raises BadPassword, which says what would be right. `about` is what others know of the person: name, email."""
    if (expected := _objection(password, about)) is not None:
        raise BadPassword(errors=(FieldError(field, None, expected),))


def _objection(password: str, about: Iterable[str]) -> str | None:
    if len(password) < SHORTEST:
        return f"at least {SHORTEST} characters; a few words in a row are fine"
    if len(password) > LONGEST:
        return f"at most {LONGEST} characters"
    small = password.casefold()
    if small in OBVIOUS:
        return "another password: this one is among the first that are tried"
    if len(set(small)) < FEWEST_DIFFERENT or _is_sequence(small):
        return "another password: no repetition or sequence of keys"
    own = _without_known(small, about)
    if own != small and len(own.strip(" .-_@0123456789!")) < LEAST_OF_ONES_OWN:
        return "another password: more than name, email and numbers"
    return None


def _is_sequence(text: str) -> bool:
    """Neighbours on the keyboard or in the alphabet, forwards or backwards, from end to end."""
    return any(text in row or text[::-1] in row for row in (2 * row for row in _KEYBOARD))


def _without_known(text: str, about: Iterable[str]) -> str:
    words = {part for known in about for part in _parts(known.casefold())} | set(_PRODUCT)
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= SHORTEST_WORD:
            text = text.replace(word, "")
    return text


def _parts(known: str) -> Iterable[str]:
    """An email and its two sides, a name and its words."""
    yield known
    yield from known.replace("@", " ").replace(".", " ").replace("-", " ").split()
