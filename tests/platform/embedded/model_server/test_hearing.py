"""What the recogniser understands over the telephone, and that what is outside its phrases is nothing."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from callcenter.platform.embedded.model_server.hearing import Listener, pitch
from callcenter.platform.embedded.model_server.phrases import Phrases, load, written
from callcenter.platform.embedded.model_server.sound import read_wav, resample
from tests.platform.embedded.model_server.telephone import AGENT_RATE, phoned, through_telephone
from tests.speech import speak

pytestmark = [pytest.mark.pure, pytest.mark.filterwarnings("ignore:start_stream")]

CLIPS = Path(__file__).parents[3] / "audio"

# None of these was used to choose a number or a word of the recogniser; keep it so, or what it measures is lost.
OUTSIDE = """
the train to hamburg leaves in ten minutes
could you water my plants while i am away
we had a wonderful holiday by the lake
please turn down the music
my computer does not start any more
how many people live in your city
the soup needs a little more salt
i will meet you at the corner of the street
what did you think of the movie
somebody has stolen my bicycle
where is my umbrella
when will the bus arrive
i want to listen to the radio
tell me about your grandmother
can you open the door
the answer is blowing in the wind
three apples and four pears
there is no milk left in the fridge
she bought a new dress for the wedding
this book is too heavy for me
are you coming with us tomorrow
nobody knows the reason
i am calling about the dog
what is the color of the sky
never mind
let me sleep a little longer
""".strip().splitlines()


def said_by_somebody(phrases: Phrases) -> list[str]:
    return [phrases.example(phrase) for intent in phrases.intents.values() for phrase in intent.say]


def heard(listener: Listener, sentences: list[str], voice: str) -> list[str]:
    return [listener.listen(phoned(sentence, voice), AGENT_RATE).text for sentence in sentences]


@pytest.mark.parametrize(
    ("voice", "part", "least"),
    [("slt", slice(None), 0.97), ("rms", slice(0, None, 2), 0.9), ("awb", slice(1, None, 2), 0.95)],
    ids=("slt", "rms", "awb"),
)
@pytest.mark.timeout(300)
def test_nearly_every_phrase_is_understood_over_the_telephone_and_none_as_another(
    phrases: Phrases, listener: Listener, voice: str, part: slice, least: float
) -> None:
    """Every phrase in the voice that the product's own callers have and in one of two others."""
    said = said_by_somebody(phrases)[part]
    pairs = [(written(a), b) for a, b in zip(said, heard(listener, said, voice), strict=True)]
    assert [(a, b) for a, b in pairs if b not in (a, "")] == [], "never another phrase"
    missed = [a for a, b in pairs if not b]
    assert len(missed) <= (1 - least) * len(pairs), missed


@pytest.mark.parametrize(("voice", "most"), [("slt", 1), ("rms", 2), ("awb", 2)])
@pytest.mark.timeout(300)
def test_what_is_outside_the_phrases_is_nothing(listener: Listener, voice: str, most: int) -> None:
    accepted = [(a, b) for a, b in zip(OUTSIDE, heard(listener, OUTSIDE, voice), strict=True) if b]
    assert len(accepted) <= most, accepted


@pytest.mark.parametrize("order", ["four seven one one", "four seven one two"])
@pytest.mark.parametrize(
    "phrase", ["{}", "where is my order {}", "my order number is {}", "my order {} arrived damaged"]
)
def test_the_demo_orders_are_understood_digit_by_digit(listener: Listener, phrase: str, order: str) -> None:
    assert heard(listener, [phrase.format(order)], "slt") == [written(phrase.format(order))]


@pytest.mark.parametrize("said", ["yes", "no", "stop", "stop please", "hello", "goodbye", "thank you"])
def test_short_words_are_understood(listener: Listener, said: str) -> None:
    assert heard(listener, [said], "slt") == [said]


@pytest.mark.parametrize("number", ["four seven", "four seven one", "four seven one one two"])
def test_a_number_of_another_length_is_not_cut_or_filled(listener: Listener, number: str) -> None:
    assert heard(listener, [number], "slt") == [""]


@pytest.mark.parametrize("clip", ["hello_world.wav", "weather_question.wav"])
def test_natural_speech_outside_the_phrases_is_nothing(listener: Listener, clip: str) -> None:
    samples, rate = read_wav((CLIPS / clip).read_bytes())
    assert listener.listen(samples, rate).text == ""
    assert listener.listen(through_telephone(resample(samples, rate, 8000)), AGENT_RATE).text == ""


@pytest.mark.parametrize("level", [0, 20, 300, 3000, 12000])
def test_silence_and_noise_are_nothing(listener: Listener, level: int) -> None:
    noise = np.random.default_rng(level).normal(size=2 * AGENT_RATE) * level
    assert listener.listen(noise.clip(-32768, 32767).astype(np.int16), AGENT_RATE).text == ""


def test_a_tone_and_an_endless_monologue_are_nothing(listener: Listener) -> None:
    tone = (8000 * np.sin(np.arange(AGENT_RATE) * 2 * np.pi * 440 / AGENT_RATE)).astype(np.int16)
    assert listener.listen(tone, AGENT_RATE).text == ""
    assert listener.listen(np.concatenate([phoned("thank you")] * 12), AGENT_RATE).text == ""


def test_no_sound_at_all_is_nothing(listener: Listener) -> None:
    assert listener.listen(np.zeros(0, dtype=np.int16), AGENT_RATE).text == ""


@pytest.mark.parametrize("factor", [0.1, 0.4, 1.6])
def test_quiet_and_loud_callers_are_understood(listener: Listener, factor: float) -> None:
    louder = (speak("what are your opening hours") * factor).clip(-32768, 32767).astype(np.int16)
    silence = np.zeros(4000, dtype=np.int16)
    sound = through_telephone(np.concatenate([silence, louder, silence]))
    assert listener.listen(sound, AGENT_RATE).text == "what are your opening hours"


def test_what_was_heard_before_changes_nothing(listener: Listener, phrases: Phrases) -> None:
    for sentence in ("when are you open", "yes", *OUTSIDE[:4]):
        sound = phoned(sentence, "rms")
        fresh = Listener(phrases).listen(sound, AGENT_RATE)
        listener.listen(phoned("the soup needs a little more salt", "awb"), AGENT_RATE)
        assert listener.listen(sound, AGENT_RATE) == fresh, "to the last digit of every word's score"


def test_what_nobody_waits_for_any_more_is_not_heard_to_its_end_and_changes_nothing(listener: Listener) -> None:
    sound, unwanted = phoned("when are you open"), threading.Event()
    unwanted.set()
    assert listener.listen(sound, AGENT_RATE, unwanted).text == ""
    assert listener.listen(sound, AGENT_RATE).text == "when are you open"


def test_other_threads_get_their_turn_while_somebody_is_heard(listener: Listener) -> None:
    sound, waits, done = phoned("tell me about your company"), [], threading.Event()

    def tick() -> None:
        before = time.perf_counter()
        while not done.wait(0.001):
            now = time.perf_counter()
            waits.append(now - before)
            before = now

    ticking = threading.Thread(target=tick)
    ticking.start()
    began = time.perf_counter()
    listener.listen(sound, AGENT_RATE)
    took = time.perf_counter() - began
    done.set()
    ticking.join()
    assert max(waits) < took / 2, "the interpreter's lock is given up between pieces"


def test_the_pitch_tells_high_voices_from_low_ones() -> None:
    assert pitch(speak("what are your opening hours", "slt")) > 155
    assert pitch(speak("what are your opening hours", "rms")) < 130
    assert pitch(np.zeros(8000, dtype=np.int16)) == 0


def test_a_word_that_cannot_be_understood_is_named_at_start(phrases: Phrases) -> None:
    strange = Phrases.model_validate(phrases.model_dump() | {"decoys": ("hello zyxwv",)})
    with pytest.raises(ValueError, match="zyxwv"):
        Listener(strange)


def test_a_phrase_without_an_answer_is_named_at_start(tmp_path: Path) -> None:
    from callcenter.platform.embedded.model_server.phrases import FILE

    wrong = tmp_path / "phrases.yaml"
    wrong.write_text(FILE.read_text().replace("  robot: {answer", "  robot_of_another_name: {answer"))
    with pytest.raises(ValueError, match="robot"):
        load(wrong)
