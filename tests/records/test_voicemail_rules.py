"""WAV files of messages and ranges of them; when a transcription is tried again."""

import io
import wave

import pytest

from callcenter.records.voicemails.rules import (
    HEADER_BYTES,
    RETRY_SECONDS,
    Span,
    has_voice,
    retry_after,
    span_of,
    wav_header,
)
from callcenter.records.voicemails.words import words_of

pytestmark = pytest.mark.pure


def test_the_header_makes_a_wav_file_of_sixteen_bit_samples() -> None:
    assert len(wav_header(0)) == HEADER_BYTES
    with wave.open(io.BytesIO(wav_header(3) + b"\1\0\2\0\3\0")) as file:
        assert file.getparams()[:4] == (1, 2, 8000, 3)
        assert file.readframes(3) == b"\1\0\2\0\3\0"


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, (0, 100)),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=99-", (99, 100)),
        ("bytes=0-9,20-29", (0, 100)),
        ("bytes=20-10", (0, 100)),
        ("bytes=-", (0, 100)),
        ("bytes=a-b", (0, 100)),
        ("seconds=1-2", (0, 100)),
        ("nonsense", (0, 100)),
    ],
)  # fmt: skip
def test_a_range_is_obeyed_where_there_is_one_and_the_whole_is_sent_otherwise(
    header: str | None, span: tuple[int, int]
) -> None:
    assert span_of(header, 100) == Span(*span, 100)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_a_range_beyond_the_file_is_none(header: str) -> None:
    assert span_of(header, 100) is None


def test_a_click_is_no_message() -> None:
    assert not has_voice(0.1)
    assert has_voice(0.5)


def test_a_transcription_is_tried_again_later_and_later_and_then_never() -> None:
    waits = [retry_after(attempt) for attempt in range(1, len(RETRY_SECONDS) + 2)]
    assert waits == [*RETRY_SECONDS, None]
    assert sorted(RETRY_SECONDS) == list(RETRY_SECONDS)


def test_a_caller_is_spoken_to_in_the_profiles_language_or_in_english() -> None:
    assert "Nachricht" in words_of("de-AT").goodbye
    assert words_of("fi") == words_of("en")
