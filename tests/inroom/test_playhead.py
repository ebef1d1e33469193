"""What was heard of a sentence in a process that was stopped."""

import pytest

from callcenter.inroom.sound.playhead import LOOK_SECONDS, STOPPED_SECONDS, Playhead

pytestmark = pytest.mark.pure


def test_a_process_that_was_stopped_knows_where_it_was_then() -> None:
    now = 0.0
    playhead = Playhead(clock=lambda: now)
    for position in (0.25, 0.5, 0.75):
        now += LOOK_SECONDS
        playhead.look(position)
    assert playhead.stopped_at is None
    now += 5
    playhead.look(5.75)
    assert playhead.stopped_at == 0.75
    now += 5
    playhead.look(10)
    assert playhead.stopped_at == 0.75, "what was played after waking up was not heard either"


def test_a_busy_loop_is_not_taken_for_a_stop() -> None:
    now = 0.0
    playhead = Playhead(clock=lambda: now)
    now += STOPPED_SECONDS
    playhead.look(1)
    assert playhead.stopped_at is None
