"""Where on a call's clock something was said, and what of it an agent is told that comes later."""

import textwrap
from collections.abc import Sequence
from datetime import datetime, timedelta

MOST_DIGEST_CHARACTERS = 1500
MOST_CHARACTERS_A_TURN = 150


def call_ms(at: datetime, answered_at: datetime | None, arrived_at: datetime) -> int:
    """Milliseconds since the call was answered (since its arrival while it is not), never negative."""
    return max(0, (at - (answered_at or arrived_at)) // timedelta(milliseconds=1))


def digest(callers_words: Sequence[str]) -> str:
    """What the caller said long ago, in one bounded line with the latest last; empty for nothing. No model is asked:
    a summary must be there the moment an agent is lost."""
    kept: list[str] = []
    room = MOST_DIGEST_CHARACTERS
    for words in (textwrap.shorten(said, MOST_CHARACTERS_A_TURN, placeholder=" …") for said in reversed(callers_words)):
        room -= len(words) + 2
        if room < 0:
            kept.append("…")
            break
        kept.append(words)
    return f"Earlier in this call the caller said: {'; '.join(reversed(kept))}" if kept else ""


def line_of(start_ms: int, speaker: str, text: str, interrupted: bool) -> str:
    """One utterance as a line of a text file, with minutes and seconds since the answer."""
    minutes, seconds = divmod(start_ms // 1000, 60)
    words = " ".join(text.split())
    return f"[{minutes:02}:{seconds:02}] {speaker}: {words}{' [interrupted]' if interrupted else ''}\n"
