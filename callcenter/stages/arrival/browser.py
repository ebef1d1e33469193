"""A caller in a browser: what their token says of the call they make, and reading it back. Pure.

The attributes are trusted: LiveKit takes them from a token that we signed, and the token does not let its bearer change
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.platform.plumbing.ids import CallId, is_id
from callcenter.records.calls.model import Channel
from callcenter.records.calls.store import Arrival

IDENTITY = "browser-"
ROOM = "call-test-"  # begins as all rooms of ours do (rules.py)
_CALL, _TO, _FROM, _PROFILE = (f"callcenter.{name}" for name in ("call", "to", "from", "profile"))


@dataclass(frozen=True)
class Booking:
    """A test call that somebody asked for: into a profile, or by the rules with this dialled number. The other is None
    or ""."""

    call_id: CallId
    profile: str | None = None
    to: str = ""
    from_: str = ""

    @property
    def room(self) -> str:
        return f"{ROOM}{self.call_id}"

    @property
    def identity(self) -> str:
        return f"{IDENTITY}{self.call_id}"

    @property
    def attributes(self) -> dict[str, str]:
        """What the browser's token says of it."""
        found = {_CALL: self.call_id, _TO: self.to, _FROM: self.from_, _PROFILE: self.profile or ""}
        return {name: value for name, value in found.items() if value}


def is_browser(identity: str) -> bool:
    """Whether this participant is somebody who calls from a browser."""
    return identity.startswith(IDENTITY)


def browser_arrival(room: str, identity: str, attributes: Mapping[str, str]) -> Arrival | None:
    """The arrival that this participant stands for; None when it is no caller of ours."""
    call_id = attributes.get(_CALL, "")
    booked = Booking(
        CallId(call_id), attributes.get(_PROFILE) or None, attributes.get(_TO, ""), attributes.get(_FROM, "")
    )
    if not is_id(call_id) or (room, identity) != (booked.room, booked.identity):
        return None
    return Arrival(
        room=room, caller_identity=identity, sip_call_id="", from_number=booked.from_, to_number=booked.to, trunk="",
        channel=Channel.BROWSER, call_id=booked.call_id, profile=booked.profile,
    )  # fmt: skip
