"""A test call from the console goes the way of every call, and is left out where callers are counted."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from callcenter.journey.arrived import arrived, caller_left
from callcenter.journey.transferred import begins
from callcenter.platform.api.app import create_app
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.plumbing.livekit_calls import OutboundTrunk
from callcenter.platform.plumbing.livekit_rooms import Participant
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Claimed
from callcenter.platform.wire.settings import Settings
from callcenter.records.calls import read as past_calls
from callcenter.setup.rule_sets import flow as rules
from callcenter.setup.users import flow as users
from callcenter.setup.users.model import Role
from callcenter.stages.arrival import loop
from callcenter.stages.arrival.browser import Booking
from callcenter.stages.arrival.rules import arrival_of
from callcenter.stages.callbacks import store as call_backs
from sip.config import Guard
from tests.journey.company import NOW, Company
from tests.journey.rooms import NotedRooms
from tests.stages.arrival.test_reconcile import LiveRooms, look

pytestmark = pytest.mark.postgres


@dataclass
class RoomsForBrowsers(NotedRooms):
    tokens: dict[str, Mapping[str, str]] = field(default_factory=dict)

    async def open(self, room: str, empty_seconds: int) -> None:
        self._note("open", room)

    def browser_token(
        self, room: str, identity: str, attributes: Mapping[str, str], join_seconds: int, *, keys: bool
    ) -> str:
        self.tokens[identity] = attributes
        return f"token of {identity}{' with keys' if keys else ''}"


@dataclass
class Desk:
    """Somebody at the console, and the browser in which they call."""

    company: Company
    rooms: RoomsForBrowsers
    http: httpx.AsyncClient

    async def ask(self, **wanted: str) -> httpx.Response:
        return await self.http.post("/api/test-calls", json=wanted)

    async def join(self, asked: httpx.Response) -> CallId:
        """The browser comes into the room: LiveKit tells its token's attributes."""
        assert asked.status_code == 201, asked.text
        booked = asked.json()
        identity = f"browser-{booked['call_id']}"
        arrival = arrival_of(booked["room"], identity, self.rooms.tokens[identity], NOW)
        assert arrival is not None
        await arrived(self.company.j, arrival)
        return CallId(booked["call_id"])

    async def calls(self, **wanted: str) -> CallId:
        return await self.join(await self.ask(**wanted))


@pytest.fixture
async def desk(company: Company) -> AsyncIterator[Desk]:
    rooms = RoomsForBrowsers()
    performer = company.j.performer
    performer.rooms = rooms
    app = create_app(company.j.db, Settings(livekit_url="ws://media.test"), journey=company.j)
    async with company.j.db.transaction() as tx:
        key = await users.add_key(tx, Role.ADMIN, "admin@demo.test")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", headers=headers) as http:
        yield Desk(company, rooms, http)


async def test_i1_it_is_routed_waits_and_is_offered_like_a_call_by_telephone(desk: Desk) -> None:
    await desk.company.worker()
    asked = await desk.ask(to="+15550100", **{"from": "+15551230001"})
    assert asked.json()["url"] == "ws://media.test"
    assert asked.json()["token"].endswith("with keys")
    call_id = await desk.join(asked)
    assert await desk.join(asked) == call_id
    row = await desk.company.row(call_id)
    assert (row["channel"], row["room"], row["rule"]) == ("browser", asked.json()["room"], "Main line")
    await desk.company.move()
    _, answer = await desk.company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert (await desk.company.row(call_id))["profile_version"] == 1
    await caller_left(desk.company.j, row["room"], identity=row["caller_identity"])
    row = await desk.company.row(call_id)
    assert (row["state"], row["outcome"], row["ended_by"]) == ("ended", "abandoned", "caller")
    expected = ["call_arrived", "call_routed", "call_waiting", "offer_made", "offer_accepted", "lead_changed"]
    assert (await desk.company.events(call_id))[:6] == expected


async def test_into_a_profile_the_rules_are_not_asked(desk: Desk) -> None:
    await desk.company.worker()
    asked = await desk.ask(profile="shop")
    assert "with keys" not in asked.json()["token"]
    call_id = await desk.join(asked)
    row = await desk.company.row(call_id)
    assert (row["profile"], row["queue"], row["rule"], row["rule_set_version"]) == ("shop", "support", None, None)
    assert row["trace"] == ["a test call into profile 'shop', by queue 'support', past the rules"]
    await desk.company.move()
    assert isinstance((await desk.company.claim(call_id))[1], Claimed)


async def test_a_profile_that_no_queue_has_can_be_tried(desk: Desk) -> None:
    body = {"instructions": "Sell.", "greeting": "Hello."}
    made = await desk.http.put("/api/profiles/new", json=body, headers={"If-None-Match": "*"})
    assert made.status_code == 201
    row = await desk.company.row(await desk.calls(profile="new"))
    assert (row["profile"], row["queue"]) == ("new", "support")


async def test_one_at_a_time_for_each_person(desk: Desk) -> None:
    call_id = await desk.calls(profile="shop")
    refused = await desk.ask(profile="shop")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["value"] == call_id
    await caller_left(desk.company.j, f"call-test-{call_id}")
    assert (await desk.ask(profile="shop")).status_code == 201


async def test_who_asks_again_before_the_call_began_gets_one_call(desk: Desk) -> None:
    first, second = await desk.ask(profile="shop"), await desk.ask(profile="shop")
    kept, late = await desk.join(second), await desk.join(first)
    assert (await desk.company.row(kept))["state"] == "ringing"
    row = await desk.company.row(late)
    assert (row["state"], row["outcome"]) == ("ended", "refused")


async def test_what_was_asked_wrongly_is_said(desk: Desk) -> None:
    for wanted, field_name in (
        ({}, ""),
        ({"profile": "shop", "to": "+15550100"}, ""),
        ({"profile": "none"}, "profile"),
        ({"to": "abc"}, "to"),
    ):
        answer = await desk.ask(**wanted)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == field_name or field_name == ""


async def test_nobody_comes_into_anothers_room_or_under_another_name(desk: Desk) -> None:
    booking = Booking(CallId(new_id()), to="+15550100")
    assert arrival_of(booking.room, booking.identity, booking.attributes, NOW) is not None
    assert arrival_of("call-test-other", booking.identity, booking.attributes, NOW) is None
    assert arrival_of(booking.room, "browser-other", booking.attributes, NOW) is None
    assert arrival_of(booking.room, booking.identity, {}, NOW) is None


async def test_i1_a_browser_that_no_webhook_named_is_found_and_missed(desk: Desk) -> None:
    asked = (await desk.ask(profile="shop")).json()
    identity = f"browser-{asked['call_id']}"
    live = LiveRooms({asked["room"]: [Participant(identity, False, dict(desk.rooms.tokens[identity]))]})
    assert await look(desk.company, live) == 1
    assert (await desk.company.row(CallId(asked["call_id"])))["channel"] == "browser"
    await desk.company.sql("UPDATE calls SET arrived_at = arrived_at - interval '10 seconds'")
    assert await look(desk.company, LiveRooms({asked["room"]: []})) == 1
    assert (await desk.company.row(CallId(asked["call_id"])))["state"] == "ended"


async def test_it_ends_after_its_time(desk: Desk) -> None:
    call_id = await desk.calls(profile="shop")
    assert await loop.end_test_calls_once(desk.company.j) == 0
    await desk.company.sql("UPDATE calls SET arrived_at = arrived_at - interval '11 minutes'")
    assert await loop.end_test_calls_once(desk.company.j) == 2
    row = await desk.company.row(call_id)
    assert (row["state"], row["ended_by"]) == ("ended", "system")


async def test_a_call_by_telephone_is_not_ended_by_that_time(desk: Desk) -> None:
    await desk.company.call()
    await desk.company.sql("UPDATE calls SET arrived_at = arrived_at - interval '11 minutes'")
    assert await loop.end_test_calls_once(desk.company.j) == 0


async def test_nobody_outside_is_called_for_it(desk: Desk) -> None:
    await desk.company.worker(SeatKind.ATTENDANT)
    transfer = {"name": "All", "then": {"action": "transfer", "number": "+4930123456"}}
    async with desk.company.j.db.transaction() as tx:
        await rules.publish(tx, {"rules": [transfer]}, "a test")
    call_id = await desk.calls(to="+15550100")
    await desk.company.move()
    await desk.company.claim(call_id, SeatKind.ATTENDANT)
    assert await begins(desk.company.j, call_id, OutboundTrunk("T", "out", Guard(prefixes=("+49",)))) is None
    assert "transfer_failed" in await desk.company.events(call_id)
    assert await desk.company.ids("SELECT id FROM calls_out") == []


async def test_the_place_of_somebody_promised_is_not_given_to_it(desk: Desk) -> None:
    promised = {"name": "All", "when": {"open_call_back": True}, "then": {"action": "queue", "queue": "support"}}
    otherwise = {"name": "Others", "then": {"action": "message", "text": "No."}}
    origin = await desk.company.call(from_="+15551230009")
    await caller_left(desk.company.j, (await desk.company.row(origin))["room"])
    async with desk.company.j.db.transaction() as tx:
        await rules.publish(tx, {"rules": [promised, otherwise]}, "a test")
        await call_backs.plan(
            tx, number="+15551230009", queue="support", profile="shop", priority=0, required_skills=(),
            entered_at=NOW - timedelta(hours=1), origin_call_id=origin,
        )  # fmt: skip
    call_id = await desk.calls(to="+15550100", **{"from": "+15551230009"})
    assert (await desk.company.row(call_id))["rule"] == "All", "the rules are tried as they are"
    places = "SELECT clock_timestamp() - entered_at < interval '1 minute' FROM waiting_entries WHERE call_id = '{}'"
    assert await desk.company.ids(places.format(call_id)) == ["True"]


async def test_reports_and_limits_leave_it_out(desk: Desk) -> None:
    call_id = await desk.calls(to="+15550100", **{"from": "+15551230001"})
    async with desk.company.j.db.transaction() as tx:
        assert (await past_calls.last_contact(tx, "+15551230001")).queue is None
        assert await past_calls.live_inbound(tx, new_id(), 5, caller="+15551230001") == 0
    assert (await desk.company.row(call_id))["queue"] == "support"


async def test_only_who_may_make_test_calls_does(desk: Desk) -> None:
    async with desk.company.j.db.transaction() as tx:
        key = await users.add_key(tx, Role.ANALYST, None)
    answer = await desk.http.post(
        "/api/test-calls", json={"profile": "shop"}, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 403
