"""What an attendant and the desk say to each other about a caller who waits: what was chosen, and what is told."""

from typing import Literal

from pydantic import Field

from callcenter.platform.wire.base import Message
from callcenter.platform.wire.brief import AttendantPlan


class Chose(Message):
    """An attendant's caller pressed this key (or said a word that means it, as `spoken`), or chose nothing in time. In
    a menu answered by `NewPlan`; `number` is that of the question, 0 for a key pressed while the music plays. `digits`:
    what was collected, where the question asks for more than one key."""

    type: Literal["chose"] = "chose"
    offer_id: str
    number: int = Field(0, ge=0)
    key: str | None = Field(None, pattern=r"^[0-9*#A-D]$")
    spoken: bool = False
    digits: str | None = Field(None, pattern=r"^[0-9*#A-D]{0,40}$")


class AnnouncementDue(Message):
    """The caller has had music for as long as the plan said: is there anything to tell? Answered by `Announce`."""

    type: Literal["announcement_due"] = "announcement_due"
    offer_id: str


class NewPlan(Message):
    """To an attendant: what it plays from now on in place of everything it was told before."""

    type: Literal["new_plan"] = "new_plan"
    offer_id: str
    plan: AttendantPlan


class Announce(Message):
    """To an attendant: say these, one after the other, with the music let down meanwhile."""

    type: Literal["announce"] = "announce"
    offer_id: str
    texts: tuple[str, ...]
