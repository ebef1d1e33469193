"""What a profile may say."""

import time

import pytest
from pydantic import ValidationError

from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import PastTurn, TurnTaking
from callcenter.setup.profiles.rules import ProfileBody, brief, ready

pytestmark = pytest.mark.pure


def test_the_end_of_turn_model_needs_a_quarter_of_a_second_of_silence() -> None:
    with pytest.raises(ValidationError, match=r"vad_silence.*expected at least 0\.25"):
        ProfileBody(
            instructions="x", greeting="y", turn_taking=TurnTaking(detector="end_of_turn_model", vad_silence=0.1)
        )
    assert ProfileBody(instructions="x", greeting="y", turn_taking=TurnTaking(vad_silence=0.1))


def test_to_read_a_profile_costs_a_waiting_caller_next_to_nothing() -> None:
    """Each claim reads it several times. Looking for its time zone in all the files of time zones took 8 ms each."""
    ProfileBody(instructions="x", greeting="y")
    began = time.process_time()
    for _ in range(100):
        ProfileBody(instructions="x", greeting="y", budget_zone="Europe/Berlin")
    assert time.process_time() - began < 0.2


def test_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="greetings"):
        ProfileBody.model_validate({"instructions": "x", "greeting": "y", "greetings": "z"})


def test_the_brief_carries_the_profile_and_the_words_so_far() -> None:
    body = ProfileBody(instructions="Be kind.", greeting="Hello.", voice="echo", tools=("end_call",))
    made = brief("shop", ready(body, {}), (PastTurn(speaker=Speaker.CALLER, text="hi"),))
    assert (made.profile, made.instructions, made.voice, made.tools) == ("shop", "Be kind.", "echo", ("end_call",))
    assert made.history[0].text == "hi"
