"""The outbound guard: what is never called, what is called only within prefixes and caps, and what a refusal says."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from sip import Guard
from sip.guard import Allowed, Placed, Refusal, Why, decide, masked

pytestmark = pytest.mark.pure

EVERYWHERE = Guard(prefixes=tuple(f"+{code}" for code in range(1, 10)))
HERE = Guard(prefixes=("+49", "+44", "+1"))


def why(number: str, guard: Guard | None = EVERYWHERE, placed: Placed = Placed()) -> Why | None:
    answer = decide(number, guard, placed)
    return answer.why if isinstance(answer, Refusal) else None


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("+493023125001", "+493023125001"),  # numbers for films: Bundesnetzagentur
        (" +49 (0)30 23125-001 ", "+493023125001"),
        ("+49 171 3920012", "+491713920012"),
        ("+44 20 7946 0123", "+442079460123"),  # Ofcom, numbers for drama
        ("+1 (202) 555-0123", "+12025550123"),
        ("+1.416.555.0123", "+14165550123"),  # Canada
        ("+1 800 555 0199", "+18005550199"),  # free to the caller
    ],
)
def test_an_ordinary_number_within_the_prefixes_is_dialled_in_the_form_that_was_judged(
    written: str, dialled: str
) -> None:
    assert decide(written, HERE, Placed()) == Allowed(dialled)


@pytest.mark.parametrize(
    "number",
    [
        *("112", "911", "110", "999", "000", "190", "*112", "+112", "+911", "+999", "+49112", "+49110", "+1911"),
        *("+44999", "+33(112)", "+61000", "+61112", "+91100", "+4930112", "+49-89-110", "+19115551234"),
    ],
)
def test_an_emergency_service_is_never_called_however_it_is_written(number: str) -> None:
    assert why(number) is Why.EMERGENCY


def test_no_emergency_number_of_any_region_gets_through() -> None:
    for region in phonenumbers.SUPPORTED_SHORT_REGIONS:
        code = phonenumbers.country_code_for_region(region)
        for digits in (
            "100",
            "101",
            "110",
            "111",
            "112",
            "113",
            "117",
            "118",
            "119",
            "122",
            "190",
            "911",
            "995",
            "999",
        ):
            if phonenumbers.is_emergency_number(digits, region):
                assert why(digits) is Why.EMERGENCY, digits
                assert why(f"+{code}{digits}") is Why.EMERGENCY, f"+{code}{digits}"


def test_delhi_whose_numbers_begin_like_the_emergency_call_can_be_called() -> None:
    assert why("+911123456789") is None


@pytest.mark.parametrize("number", ["4567", "116117", "10010", "*31#", "+49116117"])
def test_short_numbers_are_refused(number: str) -> None:
    assert why(number) is Why.SHORT


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+19005551234", "premium-rate"),
        ("+33899123456", "premium-rate"),
        ("+491805123456", "shared-cost"),
        ("+443301234567", "UAN"),
        ("+447012345678", "personal number"),
        ("+447600123456", "pager"),
    ],
)
def test_numbers_that_somebody_earns_by_are_refused_with_their_kind(number: str, kind: str) -> None:
    answer = decide(number, HERE, Placed())
    assert isinstance(answer, Refusal)
    assert answer.why is Why.PREMIUM
    assert kind in answer.sentence


COSTLY = ("PREMIUM_RATE", "SHARED_COST", "UAN", "PERSONAL_NUMBER", "PAGER", "VOICEMAIL")


@pytest.mark.parametrize("kind", COSTLY)
def test_no_region_has_a_costly_number_that_gets_through(kind: str) -> None:
    seen = 0
    for region in phonenumbers.SUPPORTED_REGIONS:
        number = phonenumbers.example_number_for_type(region, getattr(PhoneNumberType, kind))
        if number is not None:
            seen += 1
            text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            assert why(text) in (Why.PREMIUM, Why.INVALID, Why.SHORT), text
    assert seen


@pytest.mark.parametrize("code", [808, 870, 878, 881, 882, 883, 888, 979])
def test_codes_of_no_country_are_refused_even_where_a_prefix_names_them(code: int) -> None:
    number = phonenumbers.example_number_for_non_geo_entity(code)
    digits = phonenumbers.national_significant_number(number) if number else "123456789"
    assert why(f"+{code}{digits}", Guard(prefixes=(f"+{code}",))) is Why.GLOBAL


@pytest.mark.parametrize("number", ["+15550100", "+499999999999", "+99912345678", "+12345678901234567890", "+4930"])
def test_numbers_that_nobody_can_have_are_refused(number: str) -> None:
    assert why(number) is Why.INVALID


@pytest.mark.parametrize(
    "number",
    [
        "",
        "sip:boss@example.org",
        "03023125001",
        "00493023125001",
        "+49 30 23125001;ext=3",
        "+1 800 FLOWERS",
        "+49\u0663\u0660\u0662\u0663\u0661\u0662\u0665\u0660\u0660\u0661",
        "+493023125001,,9",
        "++493023125001",
    ],
)
def test_what_is_not_written_as_e164_is_refused_with_an_example(number: str) -> None:
    answer = decide(number, EVERYWHERE, Placed())
    assert isinstance(answer, Refusal)
    assert answer.why is Why.UNREADABLE
    assert "expected + and 7 to 15 digits" in answer.sentence


@pytest.mark.parametrize("number", ["+390612345678", "+41446681800", "+80012345678"])
def test_what_no_prefix_names_is_refused_with_the_prefixes_there_are(number: str) -> None:
    answer = decide(number, HERE, Placed())
    assert isinstance(answer, Refusal)
    assert answer.why is Why.OUTSIDE
    assert "+49 or +44 or +1" in answer.sentence


def test_a_prefix_may_name_a_town() -> None:
    berlin = Guard(prefixes=("+4930",))
    assert why("+493023125001", berlin) is None
    assert why("+498923125001", berlin) is Why.OUTSIDE


def test_plus_one_alone_means_the_united_states_and_canada() -> None:
    jamaica = "+18765551234"
    answer = decide(jamaica, Guard(prefixes=("+1",)), Placed())
    assert isinstance(answer, Refusal)
    assert answer.why is Why.OUTSIDE
    assert "such as +1876" in answer.sentence
    assert decide(jamaica, Guard(prefixes=("+1", "+1876")), Placed()) == Allowed(jamaica)


def test_a_trunk_without_a_guard_calls_nobody() -> None:
    assert why("+493023125001", None) is Why.NO_GUARD


@pytest.mark.parametrize(
    ("placed", "reason"),
    [
        (Placed(last_hour=2, last_day=2, live=0), None),
        (Placed(last_hour=3, last_day=3, live=0), Why.HOUR),
        (Placed(last_hour=0, last_day=5, live=0), Why.DAY),
        (Placed(last_hour=1, last_day=1, live=1), Why.CONCURRENT),
    ],
)
def test_a_cap_that_is_reached_refuses_and_says_which(placed: Placed, reason: Why | None) -> None:
    guard = Guard(prefixes=("+49",), calls_per_hour=3, calls_per_day=5, concurrent=1)
    answer = decide("+493023125001", guard, placed)
    assert reason is None or (isinstance(answer, Refusal) and answer.why is reason and reason.value in answer.sentence)
    assert reason is not None or answer == Allowed("+493023125001")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+493023125001", "+49…01"), ("112", "112"), ("*31#", "*31#"), ("sip:x@y", "(no digits)"), ("", "(no digits)")],
)
def test_a_number_is_shown_masked(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_no_sentence_holds_the_number() -> None:
    number = "+493023125001"
    full = Guard(prefixes=("+49",), concurrent=1)
    for guard, placed in ((full, Placed(live=1)), (Guard(prefixes=("+44",)), Placed()), (None, Placed())):
        answer = decide(number, guard, placed)
        assert isinstance(answer, Refusal)
        assert number not in answer.sentence
        assert "3023125" not in answer.sentence


REAL = [
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in PhoneNumberType.values()
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]
DIGITS = st.text("0123456789", min_size=1, max_size=14)
NUMBERS = st.one_of(
    st.sampled_from(REAL), DIGITS.map("+{}".format), DIGITS, st.text(max_size=20), st.from_regex(r"\+[1-9][0-9 ()./-]+")
)
PREFIXES = st.lists(
    st.one_of(st.sampled_from([f"+{code}" for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE]),
              st.from_regex(r"\A\+[1-9][0-9]{0,5}\Z")),
    min_size=1, max_size=4,
)  # fmt: skip
COUNTS = st.integers(0, 6)
CAPS = st.integers(1, 5)


@given(
    number=NUMBERS,
    prefixes=PREFIXES,
    caps=st.tuples(CAPS, CAPS, CAPS),
    used=st.tuples(COUNTS, COUNTS, COUNTS),
)
def test_nothing_is_allowed_outside_the_prefixes_or_over_a_cap(
    number: str, prefixes: list[str], caps: tuple[int, int, int], used: tuple[int, int, int]
) -> None:
    guard = Guard(prefixes=tuple(prefixes), calls_per_hour=caps[0], calls_per_day=caps[1], concurrent=caps[2])
    answer = decide(number, guard, Placed(*used))
    if isinstance(answer, Refusal):
        assert "expected" in answer.sentence
        return
    assert any(answer.number.startswith(prefix) for prefix in prefixes)
    assert all(count < cap for count, cap in zip(used, caps, strict=True))
    assert phonenumbers.is_valid_number(phonenumbers.parse(answer.number, None))
    assert decide(answer.number, guard, Placed()) == answer, "what is dialled is judged like what was asked for"


@given(prefix=st.sampled_from(["+49", "+44", "+33", "+39", "+41", "+43"]), number=st.sampled_from(REAL))
def test_every_example_number_of_a_country_is_judged_by_its_own_prefix(prefix: str, number: str) -> None:
    assert number.startswith(prefix) or why(number, Guard(prefixes=(prefix,))) is not None
