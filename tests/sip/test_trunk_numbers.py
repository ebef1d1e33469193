"""Numbers: E.164 where it can be, a sentence where it cannot, and callers who withhold theirs."""

import pytest

from sip.numbers import anonymous, caller_number, dialled_number, known_region, normalise

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("+15550100", None, "+15550100"),
        ("+1 555-0100", None, "+15550100"),
        (" +49 30 / 123.45-67 ", None, "+49301234567"),
        ("+49 (0)30 1234567", None, "+49301234567"),
        ("tel:+49-30-1234567;ext=5", None, "+49301234567"),
        ("030 1234567", "DE", "+49301234567"),
        ("0049 30 1234567", "DE", "+49301234567"),
        ("+1 555 0100", "DE", "+15550100"),
        ("(415) 555-0100", "US", "+14155550100"),
    ],
)
def test_a_number_is_normalised_from_how_people_write_it(written: str, region: str | None, number: str) -> None:
    assert normalise(written, region) == number
    assert normalise(number, region) == number


@pytest.mark.parametrize(
    ("written", "region", "says"),
    [
        ("15550100", None, r"is it \+15550100\?"),
        ("030 1234567", None, "country: DE"),
        ("0049 30 1234567", None, r"in place of 00, so \+49301234567"),
        ("+1", None, "7 to 15 digits"),
        ("+1234567890123456", None, "7 to 15 digits"),
        ("+999123456789", None, "country code that exists"),
        ("5550100", "US", "no whole number in US with its area code"),
        ("sales", "DE", r"E\.164"),
        ("", None, r"E\.164"),
    ],
)
def test_a_number_without_a_country_is_refused_with_what_would_be_right(
    written: str, region: str | None, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        normalise(written, region)


@pytest.mark.parametrize(
    "caller",
    ["", " ", "anonymous", "Anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid", "Restricted", "unknown",
     "UNAVAILABLE", "+266696687", "+86282452253", "+7378742833", "+2562533", "+8656696", "+15550100@anonymous.invalid"],
)  # fmt: skip
def test_a_caller_who_withholds_the_number_is_anonymous(caller: str) -> None:
    assert anonymous(caller)
    assert caller_number(caller) == ""


@pytest.mark.parametrize("caller", ["+15551230001", "266696687", "2562533", "204", "alice", "anonymousfan"])
def test_an_extension_that_looks_like_a_spelled_word_is_somebody(caller: str) -> None:
    assert not anonymous(caller)
    assert caller_number(caller) == caller


@pytest.mark.parametrize(("privacy", "withheld"), [("id", True), ("user;critical", True), ("none", False), ("", False)])
def test_a_privacy_header_withholds_the_number_that_from_still_carries(privacy: str, withheld: bool) -> None:
    assert (caller_number("+15551230001", privacy=privacy) == "") is withheld


@pytest.mark.parametrize(
    ("caller", "written", "kept"),
    [
        ("+49 30 1234567", "", "+49301234567"),
        ("49301234567", "", "49301234567"),
        ("49301234567", "without-plus", "+49301234567"),
        ("0301234567", "DE", "+49301234567"),
        ("204", "DE", "204"),
        ("204", "without-plus", "204"),
        ("tel:+49301234567", "", "+49301234567"),
    ],
)
def test_a_callers_number_is_e164_where_the_trunk_says_how_it_is_written(caller: str, written: str, kept: str) -> None:
    assert caller_number(caller, written=written) == kept
    assert dialled_number(caller, written=written) == kept


def test_a_country_is_two_letters_that_exist() -> None:
    assert known_region("de") == "DE"
    for wrong in ("Germany", "XX", "", None):
        with pytest.raises(ValueError, match="ISO 3166"):
            known_region(wrong)
