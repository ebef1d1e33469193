"""The guard of an outbound trunk travels in LiveKit's metadata and is read back whole, or not at all."""

import json

import pytest
from pydantic import ValidationError

from sip.config import Guard
from sip.desired import Marker, read_guard, read_marker

pytestmark = pytest.mark.pure

GUARD = Guard(prefixes=("+49", "+43"), calls_per_hour=30, calls_per_day=200, concurrent=4)
METADATA = Marker("shop", "carrier").metadata(guard=GUARD)


def test_the_guard_is_read_back_as_it_was_written_beside_the_marker() -> None:
    assert read_guard(METADATA) == GUARD
    assert read_marker(METADATA)[0] == Marker("shop", "carrier")
    assert json.loads(METADATA)["guard"] == {
        "prefixes": ["+49", "+43"], "calls_per_hour": 30, "calls_per_day": 200, "concurrent": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "[]",
        "not JSON",
        Marker("shop", "carrier").metadata(),
        METADATA.replace("callcenter-sip", "somebody else"),
        METADATA.replace('"+49", "+43"', ""),
        METADATA.replace("30", "0"),
        METADATA.replace("30", "null"),
    ],
)
def test_a_guard_that_is_missing_damaged_or_not_ours_is_none_so_that_nothing_is_dialled(metadata: str) -> None:
    assert read_guard(metadata) is None


def test_a_guard_has_careful_defaults_and_needs_a_prefix() -> None:
    guard = Guard(prefixes=("+49 (30)",))
    assert (guard.prefixes, guard.calls_per_hour, guard.calls_per_day, guard.concurrent) == (("+4930",), 60, 500, 2)
    for wrong in ((), ("49",), ("+0",), ("+",), ("+49x",)):
        with pytest.raises(ValidationError):
            Guard(prefixes=wrong)
