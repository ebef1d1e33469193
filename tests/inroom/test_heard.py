"""What of an interrupted sentence was heard."""

import asyncio
import time

import pytest
from livekit import rtc
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities

from callcenter.inroom.agent.heard import CHARACTERS_PER_SECOND, HeardAudio, HeardText, Part, heard_text

pytestmark = pytest.mark.pure

# Two sentences of ten letters each: the first sounds from 0 to 2 seconds, the second from 2 to 4.
SPEECH = (Part("one two. ", 0.0), Part("six seven.", 2.0))


@pytest.mark.parametrize(
    ("position", "heard"),
    [
        (0.0, ""),
        (0.5, ""),
        (1.0, "one "),
        (2.0, "one two. "),
        (2.5, "one two. "),
        (3.0, "one two. six "),
        (3.9, "one two. six "),
        (4.0, "one two. six seven."),
        (9.0, "one two. six seven."),
    ],
)
def test_heard_text_ends_with_the_last_whole_word_that_was_played(position: float, heard: str) -> None:
    assert heard_text(SPEECH, position, 4.0) == heard


def test_text_without_times_belongs_to_the_sentence_before_it() -> None:
    parts = (Part("one ", 0.0), Part("two. "), Part("six ", 2.0), Part("seven."))
    assert heard_text(parts, 1.0, 4.0) == "one "
    assert heard_text(parts, 4.0, 4.0) == "one two. six seven."


def test_text_without_any_time_is_spread_over_the_sound() -> None:
    assert heard_text((Part("one two three four"),), 2.0, 4.0) == "one two "


def test_a_sentence_whose_sound_has_hardly_come_is_not_taken_for_said() -> None:
    text = "a very long sentence that the voice has only begun to say " * 3
    heard = heard_text((Part(text, 0.0),), 1.0, 1.0)
    assert 0 < len(heard) <= CHARACTERS_PER_SECOND


class Loudspeaker(AudioOutput):
    """Takes every frame."""

    def __init__(self) -> None:
        super().__init__(label="loudspeaker", capabilities=AudioOutputCapabilities(pause=True), sample_rate=8000)

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)

    def clear_buffer(self) -> None:
        pass

    def flush(self) -> None:
        super().flush()


async def test_what_was_heard_so_far_follows_the_clock_but_not_while_playback_pauses() -> None:
    text = HeardText()
    speaker = Loudspeaker()
    heard = HeardAudio(speaker, text)

    async def begin() -> None:
        for _ in range(20):
            await heard.capture_frame(rtc.AudioFrame(bytes(1600), 8000, 1, 800))
        await text.capture_text(" ".join("abcdefghij"))
        speaker.on_playback_started(created_at=1000.0)

    def letters() -> int:
        so_far = heard.so_far()
        assert so_far is not None
        assert so_far[1] == 1000.0
        return len(so_far[0].split())

    assert heard.so_far() is None
    await begin()
    assert letters() == 0
    began = time.monotonic()
    await asyncio.sleep(1.0)
    heard.pause()
    at_pause = letters()
    assert abs(at_pause - min(10, (time.monotonic() - began) / 0.2)) <= 1, "ten in two seconds"
    await asyncio.sleep(0.5)
    assert letters() == at_pause
    speaker.on_playback_finished(playback_position=1.0, interrupted=True)
    assert heard.so_far() is None
    heard.resume()
    await begin()
    assert letters() == 0, "the next sentence begins at its beginning"


def test_nothing_is_heard_of_nothing() -> None:
    assert heard_text((), 1.0, 1.0) == ""
