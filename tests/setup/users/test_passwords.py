"""What a new password must be like."""

import pytest

from callcenter.setup.users.devices import device_of
from callcenter.setup.users.passwords import BadPassword, check_new

pytestmark = pytest.mark.pure
SAM = ("sam.miller@demo.test", "Sam Miller")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "zwölf Zeichen", "839201748265", "x" * 3 + " long enough", "ein Satz mit Sam darin geht"],
)
def test_anything_long_is_taken_whatever_it_is_made_of(password: str) -> None:
    check_new(password, about=SAM)


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("elevenchars", "at least 12 characters"),
        ("x" * 257, "at most 256 characters"),
        ("PasswordPassword", "among the first that are tried"),
        ("aaaaaaaaaaaaaaaa", "no repetition"),
        ("ababababababab", "no repetition"),
        ("123456789012", "no repetition"),
        ("zyxwvutsrqpon", "no repetition"),
        ("qwertyuiopas", "no repetition"),
        ("sam.miller@demo.test", "more than name, email and numbers"),
        ("SamMiller2026!", "more than name, email and numbers"),
        ("callcenter-2026", "more than name, email and numbers"),
    ],
)
def test_what_is_tried_first_is_refused_and_told_why(password: str, expected: str) -> None:
    with pytest.raises(BadPassword) as refused:
        check_new(password, "new", SAM)
    (error,) = refused.value.errors
    assert error.field == "new"
    assert expected in error.expected
    assert error.value is None


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
         "Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
         "Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile "
         "Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0 Safari/537.36",
         "Chrome on Linux"),
        ("python-httpx/0.28", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_of_a_browser_only_a_few_words_are_kept(user_agent: str | None, words: str) -> None:
    assert device_of(user_agent) == words
