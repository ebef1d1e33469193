"""Telephone numbers: E.164 where it can be, and callers who withhold theirs."""

import re

import phonenumbers

_E164 = re.compile(r"^\+[1-9]\d{6,14}$")
_SEPARATORS = re.compile(r"[\s\u00a0().\-/]")
_DIALLED = re.compile(r"^[+\d\s\u00a0().\-/]+$")
_WITHHELD = frozenset({"anonymous", "restricted", "unavailable", "unknown", "blocked", "private", "withheld"})
_SPELLED = ("anonymous", "restricted", "unavailable", "unknown", "blocked")
_KEYS = {letter: key for key, row in enumerate(("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), 2)
         for letter in row}  # fmt: skip
_WITHHELD_NUMBERS = frozenset("+" + "".join(str(_KEYS[letter]) for letter in word) for word in _SPELLED)
_PRIVATE = frozenset({"id", "user", "header", "full"})


def normalise(text: str, region: str | None = None) -> str:
    """A telephone number as `+` and digits (ITU-T E.164), from how people write it.

    Takes spaces, hyphens, dots, slashes, brackets, the "(0)" of national habits and `tel:` (RFC 3966). `region` (ISO
    3166-1 alpha-2, such as "DE") says which country a number without one belongs to. A number with its country is not
    checked against numbering plans: carriers have newer ones than any library.

    Raises:
        ValueError: no number, or one without a country code and no `region`; the message says what would be right.
    """
    written = _without_scheme(text)
    if not _DIALLED.match(written):
        raise ValueError("expected a telephone number in E.164, + and 7 to 15 digits, such as +15550100")
    if not written.startswith("+") and region is None:
        without = _SEPARATORS.sub("", written)
        if without.startswith("00"):
            raise ValueError(f"expected + in place of 00, so +{without[2:]}")
        raise ValueError(
            f"expected a number with its country code in E.164, + and 7 to 15 digits, such as +15550100; is it "
            f"+{without}? For numbers written as in one country, set country of the trunk, such as country: DE"
        )
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError("expected a number in E.164, + and 7 to 15 digits with a country code that exists") from error
    compact = _SEPARATORS.sub("", written)
    if written.startswith("+") and "(" not in written:
        found = compact
    else:
        found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        reason = phonenumbers.is_possible_number_with_reason(number)
        if reason != phonenumbers.ValidationResult.IS_POSSIBLE or not _E164.match(found):
            where = f"in {region} " if region else ""
            raise ValueError(f"is no whole number {where}with its area code; expected such as +15550100")
    if not _E164.match(found):
        raise ValueError("expected a number in E.164 (ITU-T), + and 7 to 15 digits, such as +15550100")
    return found


def anonymous(caller: str, privacy: str = "") -> bool:
    """Whether a caller withholds their number.

    `caller` is the user part of From, or its whole URI; `privacy` the Privacy header. Anonymous are: nothing;
    `anonymous` and the host `anonymous.invalid` (RFC 3323, section 4.1.1.3); the words that carriers write instead;
    such a word spelled on a keypad after a plus, as carriers do that must send digits (+266696687 is ANONYMOUS, and no
    number of any country; without the plus the same digits may be somebody's extension); and a Privacy header that
    asks for it: `id` (RFC 3325, section 9.3), `user` or `header` (RFC 3323, section 4.2), `full` of older drafts.
    """
    asked = {value.strip().lower() for value in re.split(r"[;,]", privacy)}
    if asked & _PRIVATE:
        return True
    user, _, host = _without_scheme(caller).strip("<> ").partition("@")
    if host.split(":")[0].lower().rstrip(".") == "anonymous.invalid":
        return True
    return not user or user.lower() in _WITHHELD or _SEPARATORS.sub("", user) in _WITHHELD_NUMBERS


def caller_number(caller: str, *, host: str = "", privacy: str = "", written: str = "") -> str:
    """The number of a caller as it is kept: E.164 where it can be, "" if withheld, otherwise as it came (an extension
    of a PBX, a SIP user).

    `host` is the host of From, `privacy` the Privacy header, as `anonymous` takes them. `written` says how the trunk's
    carrier writes numbers: "" with their plus, "without-plus", or the ISO 3166-1 code of the country in whose national
    form it writes them.
    """
    if anonymous(f"{caller}@{host}" if host else caller, privacy):
        return ""
    return dialled_number(caller, written=written)


def dialled_number(number: str, *, written: str = "") -> str:
    """A number that was dialled: E.164 where it can be, otherwise as it came. For `written` see `caller_number`."""
    if not _DIALLED.match(number) and not number.lower().startswith("tel:"):
        return number
    plain = _without_scheme(number)
    try:
        if plain.startswith("+"):
            return normalise(plain)
        if written == "without-plus":
            found = normalise(f"+{plain}")
        elif written:
            found = normalise(plain, written)
        else:
            return number
    except ValueError:
        return number
    return found if phonenumbers.is_valid_number(phonenumbers.parse(found)) else number


def known_region(code: object) -> str:
    """The ISO 3166-1 alpha-2 code of a country, in capitals.

    Raises:
        ValueError: no such country has telephone numbers.
    """
    region = code.upper() if isinstance(code, str) else ""
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("expected a country as two letters of ISO 3166-1, such as DE or US")
    return region


def _without_scheme(text: str) -> str:
    """The number of a `tel:`, `sip:` or `sips:` URI without its parameters; other text as it is."""
    stripped = text.strip().strip("<>")
    scheme, colon, rest = stripped.partition(":")
    if colon and scheme.lower() in {"tel", "sip", "sips"}:
        return rest.split(";")[0]
    return stripped
