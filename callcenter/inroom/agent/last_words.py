"""Whether a caller who pauses has finished, judged by their last words. Where they have not, the session waits for its
longer delay before it answers.

The voice detector knows silence only, and a caller who looks for a number is as silent as one who has finished. LiveKit
has no detector of its own that reads text any more; its end-of-turn model hears the voice (docs/decisions/0023).
"""

from collections.abc import Sequence

from livekit.agents import LanguageCode, llm

from callcenter.platform.wire.words import plain

# Words that no sentence ends with. Left out is what some do: what is it made of, my name is A D A, rufen Sie an, ja,
# das ist meine.
MORE_TO_COME = {
    "en": {"an", "the", "my", "your", "our", "their", "and", "or", "but", "because", "if", "um", "uh", "er"},
    "de": {"und", "oder", "aber", "weil", "dass", "wenn", "für", "von", "äh", "ähm"},
}
OPEN_ENDS = ("...", "…", ",", ":", "-", "–")
UNFINISHED, FINISHED, LIMIT = 0.0, 1.0, 0.5


def goes_on(text: str, language: str, after: Sequence[str] = ()) -> bool:
    """Whether somebody who said this and pauses is likely to go on: what they said ends with one of `after`, with a
    word that ends no sentence of the language (BCP 47), or with a mark the recogniser makes of an open end."""
    said = plain(text)
    if not said:
        return False
    if any(f" {said}".endswith(f" {words}") for words in map(plain, after) if words):
        return True
    ending = text.rstrip()
    return ending.endswith(OPEN_ENDS) or (
        not ending.endswith("?") and said.rpartition(" ")[2] in MORE_TO_COME.get(language.partition("-")[0].lower(), ())
    )


class LastWords:
    """A turn detector of livekit-agents (`voice.turn._TurnDetector`) that knows unfinished from finished, and nothing
    between. `after`: what callers of this profile go on after. While it is not `patient`, everybody has finished."""

    model = "last words"
    provider = "callcenter"

    def __init__(self, language: str, after: Sequence[str]) -> None:
        self._language = language
        self._after = tuple(after)
        self.patient = True

    async def unlikely_threshold(self, _language: LanguageCode | None) -> float:
        """A probability below this is an unfinished turn."""
        return LIMIT

    async def supports_language(self, _language: LanguageCode | None) -> bool:
        """Every one: where no words are known, open ends and the profile's own are looked for all the same."""
        return True

    async def predict_end_of_turn(self, chat_ctx: llm.ChatContext, *, timeout: float | None = None) -> float:  # noqa: ASYNC109 (livekit-agents')
        """The probability that the caller has finished: of the last message, which is what they said by now."""
        last = chat_ctx.items[-1] if chat_ctx.items else None
        text = last.text_content if isinstance(last, llm.ChatMessage) and last.role == "user" else None
        return UNFINISHED if self.patient and goes_on(text or "", self._language, self._after) else FINISHED
