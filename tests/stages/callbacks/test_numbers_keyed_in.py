"""What a caller keys in becomes one number, however it was written."""

import pytest

from callcenter.stages.callbacks.rules import entered

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("digits", ["004930123456", "0049030123456", "030123456"])
def test_a_number_has_one_spelling(digits: str) -> None:
    assert entered(digits, "DE") == "+4930123456"


@pytest.mark.parametrize("digits", ["", "12", "00", "0000000000"])
def test_what_is_no_number_is_none(digits: str) -> None:
    assert entered(digits, "DE") is None
