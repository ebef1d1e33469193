from datetime import UTC, datetime

import pytest

from callcenter.platform.plumbing.errors import Invalid
from callcenter.records.history.rules import HIT_BEGINS, HIT_ENDS, Fragment, Wanted, cell, fragments

pytestmark = pytest.mark.pure


def test_a_headline_is_taken_apart_into_hits_and_what_stands_between_them() -> None:
    headline = f"my {HIT_BEGINS}order{HIT_ENDS} <b>4711</b> {HIT_BEGINS}orders{HIT_ENDS}"
    assert fragments(headline) == [
        Fragment("my ", hit=False), Fragment("order", hit=True), Fragment(" <b>4711</b> ", hit=False),
        Fragment("orders", hit=True),
    ]  # fmt: skip
    assert fragments("") == []


@pytest.mark.parametrize("formula", ["=1+1", "+1+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_becomes_plain_text(formula: str) -> None:
    assert cell(formula) == f"'{formula}"


@pytest.mark.parametrize("plain", ["+15550100", "15550100", "order 4711", "a=b", "", "12-3"])
def test_what_is_no_formula_stays_as_it_is(plain: str) -> None:
    assert cell(plain) == plain


def test_a_missing_value_is_an_empty_cell() -> None:
    assert cell(None) == ""
    assert cell(0) == "0"


def test_a_number_is_found_with_and_without_its_plus() -> None:
    assert Wanted(number="1555").number_beginnings == ("1555", "+1555")
    assert Wanted(number="+1555").number_beginnings == ("+1555",)
    assert Wanted().number_beginnings == ()


def test_only_a_minus_before_a_word_excludes() -> None:
    assert Wanted(words="order -refund").excludes
    assert Wanted(words="-refund").excludes
    assert not Wanted(words="e-mail - nothing").excludes


def test_a_range_that_ends_before_it_begins_says_which_field_is_wrong() -> None:
    early, late = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    for wrong, field in (
        ({"arrived_from": late, "arrived_until": early}, "query.arrived_until"),
        ({"min_seconds": 60, "max_seconds": 59}, "query.max_seconds"),
    ):
        with pytest.raises(Invalid) as caught:
            Wanted(**wrong)
        assert [error.field for error in caught.value.errors] == [field]
