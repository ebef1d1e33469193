"""What is taken out of lessons, and what of a call they are drafted from."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.platform.embedded.model_server.learning import lessons_of
from callcenter.platform.wire.base import Speaker
from callcenter.stages.learning.drafting import NoLessons, question_for, read
from callcenter.stages.learning.personal import Remover, introduced
from callcenter.stages.learning.rules import LINES_BEFORE, MOST_LINES, Led, LessonBody, Line, excerpt, led_times

pytestmark = pytest.mark.pure

BEGAN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def line(n: int, speaker: Speaker, text: str = "") -> Line:
    return Line(f"segment {n}", speaker, text or f"utterance {n}", at(n))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Call me at +49 30 1234567 please.", "Call me at [phone number] please."),
        ("It is 030 1234567.", "It is [phone number]."),
        ("Write to hansi.huber+shop@post.example.de now", "Write to [e-mail] now"),
        ("hansi at post dot example", "[e-mail]"),
        ("DE89 3704 0044 0532 0130 00 is my account", "[account number] is my account"),
        ("customer 12-34-56-78-90-12-34-56-78", "customer [number]"),
        ("Order 4711 cost 1999 euros in 2026", "Order 4711 cost 1999 euros in 2026"),
        ("Mr Huber and Will said they will pay.", "Mr [name] and [name] said they will pay."),
        ("Hansi Huber lives at Elm Row 3.", "[name] lives at [personal]."),
        ("a Huberty is none", "a Huberty is none"),
    ],
)
def test_personal_data_is_taken_out_and_nothing_else(text: str, clean: str) -> None:
    assert Remover(["Hansi Huber", "Will"], ["elm row 3"], "DE").clean(text) == clean


def test_who_introduces_themselves_is_known_by_name() -> None:
    said = ["Hello, my name is Anna Blum.", "My name is on the list", "Guten Tag, ich heiße Jörg"]
    assert introduced(said) == ["Anna Blum", "Jörg"]


def test_a_time_in_which_a_human_leads_ends_when_anybody_else_does() -> None:
    changes = [(at(0), "agent"), (at(5), "supervisor"), (at(6), "supervisor"), (at(9), "agent"), (at(12), "supervisor")]
    assert led_times(changes) == [Led(at(5), at(9)), Led(at(12), None)]
    assert led_times([(at(0), "attendant"), (at(1), "agent")]) == []


def test_a_model_is_shown_what_was_said_before_the_human_came_and_no_endless_call() -> None:
    lines = [line(n, Speaker.SUPERVISOR if n == 100 else Speaker.CALLER) for n in range(400)]
    shown = excerpt(lines, [Led(at(100), at(101))])
    assert (shown[0], len(shown)) == (lines[100 - LINES_BEFORE], MOST_LINES)
    assert excerpt(lines, []) == []
    assert excerpt(lines, [Led(at(101), None)]) == [], "a supervisor who only barged in has taught nothing"


def test_a_lesson_without_a_line_of_the_human_is_left_out() -> None:
    lines = [line(1, Speaker.CALLER, "Can it be painted?"), line(2, Speaker.SUPERVISOR, "Only with chalk paint.")]
    lesson = {"question": "Can it be painted?", "answer": "Only with chalk paint.", "applies_when": ""}
    handed_in = {"lessons": [lesson | {"lines": [1]}, lesson | {"lines": [1, 2, 77]}, lesson | {"lines": []}]}
    (kept,) = read(handed_in, lines, [], None)
    assert [quoted.segment_id for quoted in kept.quotes] == ["segment 1", "segment 2"]
    with pytest.raises(NoLessons):
        read({"lessons": [{"answer": "?"}]}, lines, [], None)
    assert read({"lessons": [lesson | {"question": " \x00 ", "lines": [2]}]}, lines, [], None) == []


def test_the_stand_in_drafts_by_quoting_whoever_asked_and_answered() -> None:
    lines = [
        line(1, Speaker.CALLER, "Hello"),
        line(2, Speaker.CALLER, "Can the cupboard be painted green?"),
        line(3, Speaker.AGENT, "I do not know."),
        line(4, Speaker.SUPERVISOR, "Yes, but only with chalk paint."),
        line(5, Speaker.CALLER, "All right"),
        line(6, Speaker.SUPERVISOR, "You are welcome to it."),
    ]
    asked = question_for(lines, "")
    (kept,) = read(lessons_of(asked[-1]["content"]), lines, [], None)
    assert kept.body == LessonBody(
        question="Can the cupboard be painted green?", answer="Yes, but only with chalk paint."
    )
    assert [quoted.segment_id for quoted in kept.quotes] == ["segment 2", "segment 4"]
