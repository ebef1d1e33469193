"""Keys that a caller presses while an attendant speaks."""

import asyncio

import pytest

from callcenter.inroom.attendant.choice import Pressed
from callcenter.inroom.attendant.keypad import KEYS_AHEAD, Keypad
from callcenter.inroom.attendant.question import until_pressed

pytestmark = pytest.mark.pure


async def test_whoever_is_stopped_while_waiting_for_a_key_does_not_take_the_next_one() -> None:
    pressed: asyncio.Queue[Pressed] = asyncio.Queue()
    forever = asyncio.Event()
    waiting = asyncio.create_task(until_pressed(forever.wait(), pressed))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    pressed.put_nowait(Pressed("1"))
    await asyncio.sleep(0)
    assert pressed.qsize() == 1


def sends(keypad: Keypad, digits: str, who: str = "caller") -> str:
    """The keys that are kept of what somebody in the room sends."""
    for digit in digits:
        keypad.on_key(who, digit)
    kept = [keypad.pressed.get_nowait() for _ in range(keypad.pressed.qsize())]
    assert not any(pressed.spoken for pressed in kept)
    return "".join(pressed.key for pressed in kept)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0123456789*#", "0123456789*#"),
        ("abcd", "ABCD"),  # as livekit-sip writes them
        ("ABCD", "ABCD"),
        ("1\x002", "12"),  # a flash is no key
        ("1e,w 2é½", "12"),
    ],
)
def test_only_keys_of_a_telephone_count(sent: str, kept: str) -> None:
    assert sends(Keypad("caller"), sent) == kept


@pytest.mark.parametrize("who", ["callee-1", "agent-1", ""])
def test_only_the_callers_keys_count(who: str) -> None:
    keypad = Keypad("caller")
    assert sends(keypad, "12", who) == ""
    assert sends(keypad, "3") == "3"


def test_who_keeps_pressing_fills_nothing_but_their_own_short_queue() -> None:
    assert len(sends(Keypad("caller"), "1" * (KEYS_AHEAD + 20))) == KEYS_AHEAD
