"""Numbers in text, and what is left of them."""

import json

import pytest

from callcenter.platform.api.inputs import write_cursor
from callcenter.platform.api.masks import masked, masked_line, masked_text

pytestmark = pytest.mark.pure


def ours(number: str) -> bool:
    return number == "+15550100"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+4915112345678", "+491511234••••"),
        ("+15550111", "+1555••••"),
        ("from +49 151 2345-678 today", "from +49 151 234•-••• today"),
        ("+49 (0) 151 / 2345-678", "+49 (0) 151 / 234•-•••"),
        ("call-_+4915112345678_x8Kd", "call-_+491511234••••_x8Kd"),
        ("sip_+15550199", "sip_+1555••••"),
        ("sip:015112345678@10.0.0.1", "sip:01511234••••@10.0.0.1"),
        ("ring 0151 2345678 or (030) 1234567", "ring 0151 234•••• or (030) 123••••"),
        ("004915112345678", "00491511234••••"),
        ("555-123-4567", "555-123-••••"),
        ("ring (212) 555-1234 now", "ring (212) 555-•••• now"),
        ("212.555.1234", "212.555.••••"),
        ("1-800-555-1234", "1-800-555-••••"),
        ("1 415 555 2671", "1 415 555 ••••"),
        ("612 34 56 78", "612 34 •• ••"),
        ("+49\u00a030\u00a0123456", "+49\u00a030\u00a012••••"),
        ("+49\u201330\u2013123456", "+49\u201330\u201312••••"),
        ("0 1 5 1 2 3 4 5 6 7 8", "0 1 5 1 2 3 4 • • • •"),
        ("2026-11-22 4155552671", "2026-11-22 415555••••"),
    ],
)
def test_a_number_loses_its_last_digits_however_it_is_written(text: str, shown: str) -> None:
    assert masked_text(text, ours) == shown


@pytest.mark.parametrize(
    "text",
    [
        "to +15550100",
        "2026-11-20T17:42:00.123456Z",
        "at 2026-11-20T17:42:00.1234567Z",
        "019357a1-0000-7000-8000-123456789012",
        "01935700-0000-7000-8000-123456789012",
        "order 4711 of 2026",
        "10.0.0.123:50600",
        "from 192.168.100.200 on",
        "on 2026-11-20, between 08:00 and 18:00",
        "08:00–18:00, 18:42 Europe/Berlin",
        "agent-1",
    ],
)
def test_the_houses_numbers_times_and_ids_stay(text: str) -> None:
    assert masked_text(text, ours) == text


def test_numbers_are_found_in_every_depth_and_in_names_of_fields() -> None:
    data = {"from": "+15550111", "data": {"+15550112": ["+15550113", 15550114, None, True]}}
    assert masked(data, ours) == {"from": "+1555••••", "data": {"+1555••••": ["+1555••••", 15550114, None, True]}}


def test_a_cursor_that_holds_a_number_is_taken_away_and_others_stay() -> None:
    assert masked({"next_cursor": write_cursor("+15550111")}, ours) == {"next_cursor": None}
    harmless = {"next_cursor": write_cursor(7)}
    assert masked(harmless, ours) == harmless


def test_events_and_tables_are_read_line_by_line() -> None:
    event = masked_line('data: {"from":"+15550111","seq":12345678}', ours)
    assert json.loads(event.removeprefix("data: ")) == {"from": "+1555••••", "seq": 12345678}
    assert masked_line("id: 123456789-7", ours) == "id: 123456789-7"
    assert masked_line('"2026-11-20T17:42:00Z",+15550111,"x"', ours) == '"2026-11-20T17:42:00Z",+1555••••,"x"'


def test_a_text_that_was_cut_where_something_was_found_is_masked_as_a_whole() -> None:
    pieces = [
        {"text": "please ring 0151 ", "hit": False},
        {"text": "1234", "hit": True},
        {"text": " 5678", "hit": False},
    ]
    assert (
        "".join(piece["text"] for piece in masked({"pieces": pieces}, ours)["pieces"]) == "please ring 0151 1234 ••••"
    )
