"""Whoever changes something says which edition they have read."""

import pytest

from callcenter.platform.api.editions import NoEditions, expected
from callcenter.platform.plumbing.editions import (
    ANYTHING,
    NEW,
    EditionChanged,
    EditionMissing,
    ExistsAlready,
    Expected,
    edition_of,
    keyed,
)

pytestmark = pytest.mark.pure
READ, OTHER = "0" * 32, "1" * 32


def test_an_edition_is_named_by_what_it_says_and_not_by_how_it_is_ordered() -> None:
    assert edition_of({"a": 1, "b": [1, 2]}) == edition_of({"b": [1, 2], "a": 1})
    assert edition_of({"a": 1, "b": [1, 2]}) != edition_of({"a": 1, "b": [2, 1]})


def test_who_does_not_know_the_secret_cannot_try_out_what_an_edition_says() -> None:
    names = []
    for secret in ("one", "another", "one"):
        keyed(secret)
        names.append(edition_of({"number": "+4915112345678"}))
    assert names[0] == names[2] != names[1]


@pytest.mark.parametrize(
    "header", [f'"{READ}"', f'W/"{READ}"', f'"{OTHER}", "{READ}"', f' "{OTHER}" , W/"{READ}" '], ids=str
)
def test_the_edition_that_was_read_may_be_changed(header: str) -> None:
    expected(header, None).check(READ)


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "found", "refusal"),
    [
        (None, None, READ, EditionMissing),
        (None, None, None, EditionMissing),
        (f'"{OTHER}"', None, READ, EditionChanged),
        (f'"{OTHER}"', None, None, EditionChanged),
        ("*", None, None, EditionChanged),
        (None, "*", READ, ExistsAlready),
    ],
)
def test_what_does_not_fit_is_refused(
    if_match: str | None, if_none_match: str | None, found: str | None, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        expected(if_match, if_none_match).check(found)


def test_something_new_and_any_edition_fit() -> None:
    expected(None, "*").check(None)
    expected("*", None).check(READ)
    NEW.check(None)
    ANYTHING.check(OTHER)
    assert expected(None, None) == Expected()


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "field"),
    [
        (READ, None, "header.if-match"),
        ('"a" "b"', None, "header.if-match"),
        ("", None, "header.if-match"),
        (None, f'"{READ}"', "header.if-none-match"),
        (f'"{READ}"', "*", "header.if-none-match"),
    ],
)
def test_headers_that_make_no_sense_are_named(if_match: str | None, if_none_match: str | None, field: str) -> None:
    with pytest.raises(NoEditions) as refused:
        expected(if_match, if_none_match)
    assert [error.field for error in refused.value.errors] == [field]
