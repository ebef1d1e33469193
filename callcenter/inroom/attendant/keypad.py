"""The keys that one caller presses, as livekit-sip tells them."""

import asyncio

from livekit import rtc

from callcenter.inroom.attendant.choice import Pressed

KEYS = frozenset("0123456789*#ABCD")
KEYS_AHEAD = 32


class Keypad:
    """Keeps the caller's keys in their order for whoever asks; nobody needs more than some at once."""

    def __init__(self, caller_identity: str) -> None:
        self._caller_identity = caller_identity
        self.pressed: asyncio.Queue[Pressed] = asyncio.Queue()

    def on_key(self, key: rtc.SipDTMF) -> None:
        """livekit-sip writes A to D in small letters and a flash as a zero byte. Others in the room have no say."""
        digit = key.digit.upper()
        mine = key.participant is not None and key.participant.identity == self._caller_identity
        if mine and digit in KEYS and self.pressed.qsize() < KEYS_AHEAD:
            self.pressed.put_nowait(Pressed(digit))
