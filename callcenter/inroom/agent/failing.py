"""Models that fail in a conversation: what the caller hears of it, and when somebody else has to go on."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Literal

from callcenter.platform.wire.base import TroubleSource

logger = logging.getLogger(__name__)

NO_ANSWER = "no_answer"


def after_error(in_a_row: int, *, has_voice: bool) -> Literal["apologise", "give_up"]:
    """What an unrecoverable model error means: without a voice, or the second time running, somebody else goes on."""
    return "apologise" if has_voice and in_a_row == 1 else "give_up"


class Failing:
    """Counts what fails in a row. `apologise` says the sentence for it, which is `kept` when it needs no model;
    `give_up` is told what failed, `trouble` each failure, and nothing is said while the agent is `unawaited`."""

    def __init__(
        self,
        *,
        kept: Callable[[], bool],
        unawaited: Callable[[], bool],
        apologise: Callable[[], object],
        give_up: Callable[[str], None],
        trouble: Callable[[TroubleSource], None],
    ) -> None:
        self._kept = kept
        self._unawaited = unawaited
        self._apologise = apologise
        self._give_up = give_up
        self._trouble = trouble
        self._in_a_row: Counter[str] = Counter()

    def understood(self) -> None:
        """The recogniser works."""
        self._in_a_row["stt_error"] = 0

    def answered(self) -> None:
        """The language model and the voice work."""
        self._in_a_row["llm_error"] = self._in_a_row["tts_error"] = self._in_a_row[NO_ANSWER] = 0

    def failed(self, source: str) -> None:
        """This part has failed for good: apologise, or let somebody else go on."""
        self._in_a_row[source] += 1
        self._trouble(TroubleSource(source))
        logger.error("model failed", extra={"source": source, "in_a_row": self._in_a_row[source]})
        if self._unawaited():
            self._in_a_row[source] = 0
            return
        has_voice = self._kept() or source not in ("tts_error", NO_ANSWER)
        if after_error(self._in_a_row[source], has_voice=has_voice) == "give_up":
            self._give_up(source)
        else:
            self._apologise()
