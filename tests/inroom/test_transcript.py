"""From what the session hears and says to segments with the right text and times."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from livekit.agents import LanguageCode, llm, stt

from callcenter.inroom.agent.transcript import ONSET_SECONDS, Transcript
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Interim, Segment

pytestmark = pytest.mark.pure

START = stt.SpeechEventType.START_OF_SPEECH
END = stt.SpeechEventType.END_OF_SPEECH
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT
GUESS = stt.SpeechEventType.PREFLIGHT_TRANSCRIPT


class Notebook:
    """A transcript with a clock in the test's hand; `said` are the arguments of each stored segment."""

    def __init__(self, tell: Callable[[Interim], None] = lambda _: None) -> None:
        self.now = 1000.0
        self.said: list[dict[str, Any]] = []
        self.transcript = Transcript("o1", self._say, clock=lambda: self.now, tell=tell)

    def _say(self, offer_id: str, speaker: Speaker, text: str, **rest: Any) -> Segment:
        self.said.append({"speaker": speaker, "text": text, **rest})
        return Segment(offer_id=offer_id, speaker=speaker, seq=len(self.said), text=text, **rest)

    def hear(self, kind: stt.SpeechEventType, text: str = "", ended_at: float | None = None) -> None:
        alternatives = [stt.SpeechData(language=LanguageCode("en"), text=text)] if kind in (FINAL, GUESS) else []
        self.transcript.heard(stt.SpeechEvent(type=kind, alternatives=alternatives, speech_end_time=ended_at))


def at(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def test_what_is_being_said_is_told_when_there_is_more_of_it_under_the_number_it_will_have(notebook: Notebook) -> None:
    told = [notebook.transcript.saying(heard, 999.0) for heard in ("", "Hello", "Hello", "Hello there ")]
    assert [(saying.seq, saying.text) for saying in told if saying] == [(1, "Hello"), (1, "Hello there")]
    notebook.transcript.said(llm.ChatMessage(role="assistant", content=["Hello there."]))
    following = notebook.transcript.saying("Hello", 1000.0)
    assert following is not None
    assert (following.seq, following.started_at, following.heard_at) == (2, at(1000), at(1000))


def test_caller_segment_spans_the_speech_and_not_the_recognition(notebook: Notebook) -> None:
    notebook.hear(START)
    notebook.now = 1002.5
    notebook.hear(END, ended_at=1002.0)
    notebook.now = 1004.0
    notebook.hear(FINAL, " Where is my order? ", ended_at=1002.0)
    assert notebook.said == [
        {
            "speaker": Speaker.CALLER,
            "text": "Where is my order?",
            "started_at": at(1000 - ONSET_SECONDS),
            "ended_at": at(1002.0),
            "language": "en",
        }
    ]


def test_speech_that_was_not_understood_stores_nothing(notebook: Notebook) -> None:
    notebook.hear(START)
    notebook.hear(FINAL, "  ", ended_at=1001.0)
    assert not notebook.said


def test_each_final_result_has_the_start_of_its_own_speech(notebook: Notebook) -> None:
    notebook.hear(START)
    notebook.hear(FINAL, "one", ended_at=1001.0)
    notebook.now = 1010.0
    notebook.hear(START)
    notebook.hear(FINAL, "two", ended_at=1011.0)
    assert notebook.said[1]["started_at"] == at(1010 - ONSET_SECONDS)


def test_agent_segment_carries_the_times_of_its_sound_and_whether_it_was_cut(notebook: Notebook) -> None:
    notebook.transcript.said(
        llm.ChatMessage(
            role="assistant",
            content=["Your order"],
            interrupted=True,
            metrics={"started_speaking_at": 1001.0, "stopped_speaking_at": 1002.0},
        )
    )
    assert notebook.said == [
        {
            "speaker": Speaker.AGENT,
            "text": "Your order",
            "started_at": at(1001.0),
            "ended_at": at(1002.0),
            "interrupted": True,
        }
    ]


def test_what_the_model_was_told_is_not_what_the_agent_said(notebook: Notebook) -> None:
    for role in ("system", "user", "developer"):
        notebook.transcript.said(llm.ChatMessage(role=role, content=["words"]))
    notebook.transcript.said(llm.ChatMessage(role="assistant", content=[" "]))
    assert not notebook.said


def test_a_guess_at_the_callers_words_is_told_under_the_number_that_the_final_ones_get() -> None:
    told: list[Interim] = []
    notebook = Notebook(told.append)
    notebook.hear(GUESS, "where is")
    notebook.hear(FINAL, "Where is my order?")
    notebook.hear(GUESS, " ")
    notebook.hear(GUESS, " four seven ")
    assert [(words.speaker, words.seq, words.text) for words in told] == [
        (Speaker.CALLER, 1, "where is"), (Speaker.CALLER, 2, "four seven"),
    ]  # fmt: skip


def test_words_that_were_only_guessed_when_the_caller_hung_up_are_stored_and_no_others() -> None:
    notebook = Notebook()
    notebook.hear(START)
    notebook.now += 2
    notebook.hear(GUESS, "no thanks")
    notebook.now += 9
    notebook.transcript.close()
    assert [(each["text"], each["ended_at"]) for each in notebook.said] == [("no thanks", at(1002.0))]
    notebook.hear(GUESS, "bye")
    notebook.hear(FINAL, "Goodbye.")
    notebook.transcript.close()
    assert [each["text"] for each in notebook.said] == ["no thanks", "Goodbye."]


def test_a_guess_at_a_supervisors_words_is_not_told_as_the_callers() -> None:
    told: list[Interim] = []
    notebook = Notebook(told.append)
    guess = stt.SpeechEvent(type=GUESS, alternatives=[stt.SpeechData(language=LanguageCode("en"), text="sir")])
    notebook.transcript.of_supervisor("supervisor-ada").heard(guess)
    assert not told
