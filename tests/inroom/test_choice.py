"""Which key a caller means by what they say: pure."""

import pytest

from callcenter.inroom.attendant.choice import meant

pytestmark = pytest.mark.pure

KEYS = {
    "1": ("orders", "order"),
    "2": ("invoices", "invoice"),
    "0": ("person", "a human"),
    "3": ("new order",),
    "#": (),
}


@pytest.mark.parametrize(
    ("heard", "key"),
    [
        ("Orders.", "1"),
        ("I have a question about my invoice, please", "2"),
        ("a human", "0"),
        ("human", None),
        ("a new order", "3"),
        ("press two", "2"),
        ("Two.", "2"),
        ("1", "1"),
        ("drei bitte", "3"),
        ("pound", "#"),
        ("seven", None),
        ("orders or invoices", None),
        ("one or two", None),
        ("orders, number two", "1"),
        ("reorders", None),
        ("", None),
        ("?", None),
    ],
)
def test_what_was_said_means_a_key_or_nothing(heard: str, key: str | None) -> None:
    assert meant(KEYS, heard) == key


def test_words_in_other_alphabets_count_as_words() -> None:
    assert meant({"1": ("заказы",), "2": ("счёт",)}, "Мои заказы!") == "1"
