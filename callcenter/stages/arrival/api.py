"""Test calls over HTTP: somebody at the console calls by WebRTC, as a telephone would call by SIP."""

from typing import Annotated, Protocol, Self, runtime_checkable

from fastapi import APIRouter, Depends, Request
from livekit.api import TwirpError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from callcenter.journey.tried import NoQueueToTry
from callcenter.journey.verb import Journey
from callcenter.platform.api.inputs import PlainText
from callcenter.platform.api.security import Permit, TheDatabase
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict, FieldError, Invalid, ProductError
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.wire.settings import Settings
from callcenter.setup.audit.rules import author
from callcenter.setup.entries.rules import LONGEST_NAME, a_number
from callcenter.setup.profiles import store as profiles
from callcenter.setup.queues import store as queues
from callcenter.setup.users.rules import Permission, Principal
from callcenter.stages.arrival import store
from callcenter.stages.arrival.browser import Booking

router = APIRouter(tags=["test calls"])

JOIN_SECONDS = 60
Tester = Annotated[Principal, Depends(Permit(Permission.MAKE_TEST_CALLS))]


class TestCallGoesOn(Conflict):
    """Your last test call still goes on: hang up first. After its page was closed it ends by itself within 30 s."""

    __test__ = False


class NoMediaServer(ProductError):
    """The media server cannot be reached, so nobody can call from here right now."""

    status = 503
    retry_after_seconds = 5


@runtime_checkable
class BrowserRooms(Protocol):
    """What a call from a browser needs of the media server."""

    async def open(self, room: str, empty_seconds: int) -> None: ...

    def browser_token(
        self, room: str, identity: str, attributes: dict[str, str], join_seconds: int, *, keys: bool
    ) -> str: ...


def _number(text: str) -> str:
    try:
        return a_number(text)
    except ValueError as error:
        raise PydanticCustomError("expected", "{expected}", {"expected": str(error)}) from error


Dialled = Annotated[PlainText, Field(max_length=40), AfterValidator(_number)]


class WantedCall(BaseModel):
    """Either into a profile, past the rules, or the whole way of a number that a caller would dial."""

    __test__ = False
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    profile: Annotated[PlainText, Field(max_length=LONGEST_NAME)] | None = None
    to: Dialled | None = Field(None, description="The dialled number, E.164.")
    from_: Dialled | None = Field(None, alias="from", description="The caller's number; withheld, if it is left out.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.profile is None) == (self.to is None):
            raise PydanticCustomError("expected", "{expected}", {"expected": "either a profile or a dialled number"})
        if self.profile is not None and self.from_ is not None:
            raise PydanticCustomError("expected", "{expected}", {"expected": "from only together with to"})
        return self


class BookedCall(BaseModel):
    """Join this room at `url` with `token` as the caller; the call begins then."""

    call_id: str
    room: str
    url: str
    token: str = Field(description="Good for joining this one room, for a minute.")
    most_seconds: int = Field(description="The call ends after so long.")


@router.post("/api/test-calls", status_code=201, responses={409: {}, 503: {}})
async def make_test_call(wanted: WantedCall, tester: Tester, db: TheDatabase, request: Request) -> BookedCall:
    """Call from the browser, one call at a time for each person. Nobody outside is called for it, and reports leave it
    out."""
    settings: Settings = request.app.state.settings
    journey: Journey | None = request.app.state.journey
    rooms = journey.performer.rooms if journey else None
    if not isinstance(rooms, BrowserRooms):
        raise NoMediaServer()
    booking = Booking(CallId(new_id()), wanted.profile, wanted.to or "", wanted.from_ or "")
    person = author(tester).actor
    async with db.transaction() as tx:
        await _book(tx, person, booking)
    try:
        await rooms.open(booking.room, JOIN_SECONDS)
    except (OSError, TimeoutError, TwirpError) as error:
        raise NoMediaServer() from error
    token = rooms.browser_token(
        booking.room, booking.identity, booking.attributes, JOIN_SECONDS, keys=booking.profile is None
    )
    return BookedCall(
        call_id=booking.call_id, room=booking.room, url=settings.livekit_browser_url, token=token,
        most_seconds=settings.test_call_seconds,
    )  # fmt: skip


async def _book(tx: Tx, person: str, booking: Booking) -> None:
    """Raises Invalid, NoQueueToTry, TestCallGoesOn."""
    if booking.profile is not None:
        known = sorted(await profiles.names(tx))
        if booking.profile not in known:
            wanted = f"an existing profile: {', '.join(known) or 'none is set up yet'}"
            raise Invalid(errors=(FieldError("profile", booking.profile, wanted),))
        if not await queues.bodies(tx):
            raise NoQueueToTry()
    await store.one_at_a_time(tx, person)
    live = await store.live_test_call(tx, person)
    if live is not None:
        raise TestCallGoesOn(errors=(FieldError("call_id", live, "that this call has ended"),))
    await store.book(tx, person, booking)
