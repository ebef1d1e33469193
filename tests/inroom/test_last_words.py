"""Whether a caller who pauses goes on: what their last words say."""

import pytest
from livekit.agents import llm

from callcenter.inroom.agent.last_words import LIMIT, LastWords, goes_on

pytestmark = pytest.mark.pure

SHOP = ["Where is my order", "number is"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I have a problem with the", "en"),
        ("I ordered two lamps and", "en"),
        ("It was, um", "en"),
        ("My name is Ada...", "en"),
        ("On Friday,", "en-US"),
        ("Ich rufe an, weil", "de"),
        ("Ich hätte gern die Lampe, aber", "de-DE"),
        ("où est …", "fr"),
    ],
)
def test_an_open_end_is_waited_for(text: str, language: str) -> None:
    assert goes_on(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order?", "en"),
        ("What is it made of", "en"),
        ("Who is the", "de"),  # an English article is no German word
        ("Rufen Sie mich bitte an", "de"),
        ("Mir fällt die Nummer nicht ein.", "de"),
        ("Ja, das ist meine", "de"),
        ("My name is Ada, A D A", "en"),
        ("4711", "en"),
        ("Did you say and?", "en"),
        ("le chien et", "fr"),
        ("", "en"),
        ("…", "en"),
    ],
)
def test_what_may_be_an_end_is_one(text: str, language: str) -> None:
    assert not goes_on(text, language)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("where is my order", True),
        ("Hello. Where is MY order?", True),
        ("where is my order four seven one two", False),
        ("somewhere is my order", False),
        ("my order number is", True),
        ("is", False),
    ],
)
def test_what_callers_of_a_profile_go_on_after_is_waited_for_word_by_word(text: str, expected: bool) -> None:
    assert goes_on(text, "en", SHOP) is expected


@pytest.mark.parametrize(
    ("role", "text", "unfinished"),
    [("user", "and my", True), ("user", "thank you", False), ("assistant", "and my", False)],
)
async def test_the_session_is_told_by_the_callers_last_message(role: llm.ChatRole, text: str, unfinished: bool) -> None:
    detector = LastWords("en", SHOP)
    heard = llm.ChatContext.empty()
    heard.add_message(role="user", content="where is my order")
    heard.add_message(role=role, content=text)
    assert await detector.supports_language(None)
    probability = await detector.predict_end_of_turn(heard)
    assert (probability < await detector.unlikely_threshold(None)) is unfinished
    assert await detector.predict_end_of_turn(llm.ChatContext.empty()) > LIMIT
    detector.patient = False
    assert await detector.predict_end_of_turn(heard) > LIMIT
