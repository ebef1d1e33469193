"""LiveKit's webhooks: only LiveKit's, only fresh, each once."""

import base64
import hashlib
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from google.protobuf.json_format import MessageToJson
from livekit import api

from callcenter.platform.api import problems
from callcenter.platform.events import webhooks
from callcenter.platform.plumbing.ids import CallId
from callcenter.platform.wire.settings import Settings
from callcenter.records.calls import store as calls
from tests.journey.company import Company

pytestmark = pytest.mark.postgres

KEY, SECRET = "key", "secret-secret-secret-secret-secret"


@pytest.fixture
async def client(company: Company) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(webhooks.router(company.j, Settings(livekit_api_key=KEY, livekit_api_secret=SECRET)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as opened:
        yield opened


def event(name: str = "participant_joined", **changes: str) -> api.WebhookEvent:
    made = api.WebhookEvent(event=name, id=f"EV_{time.monotonic_ns()}", created_at=int(time.time()))
    made.room.name = "call-demo_1"
    made.participant.identity = "sip_1"
    made.participant.kind = api.ParticipantInfo.Kind.SIP
    attributes = {"sip.callIDFull": "abc@host", "sip.ruleID": "R", "sip.trunkPhoneNumber": "+15550100"}
    made.participant.attributes.update(attributes | changes)
    return made


async def post(client: httpx.AsyncClient, sent: api.WebhookEvent, secret: str = SECRET, tail: str = "") -> int:
    body = MessageToJson(sent)
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    token = api.AccessToken(KEY, secret).with_sha256(digest).to_jwt()
    response = await client.post(
        "/livekit/webhook", content=body + tail,
        headers={"Authorization": token, "Content-Type": "application/webhook+json"},
    )  # fmt: skip
    return response.status_code


async def known(company: Company) -> dict[str, bool]:
    async with company.j.db.transaction() as tx:
        return {room: call.live for room, call in (await calls.by_rooms(tx, ["call-demo_1"])).items()}


async def test_an_event_that_names_a_caller_opens_the_call_once(client: httpx.AsyncClient, company: Company) -> None:
    joined = event()
    assert [await post(client, joined), await post(client, joined)] == [200, 200]
    assert await post(client, event("track_published")) == 200
    assert await known(company) == {"call-demo_1": True}


async def test_i1_a_hang_up_that_overtakes_the_arrival_still_leaves_a_record(
    client: httpx.AsyncClient, company: Company
) -> None:
    assert await post(client, event("participant_left")) == 200
    assert await post(client, event("participant_joined")) == 200
    assert await known(company) == {"call-demo_1": False}


async def test_i3_a_late_event_says_when_the_caller_left(client: httpx.AsyncClient, company: Company) -> None:
    await post(client, event())
    await company.sql("UPDATE legs SET joined_at = joined_at - interval '60 s'")
    late = event("participant_left")
    late.created_at -= 20
    await post(client, late)
    assert await company.ids("SELECT extract(epoch FROM left_at)::bigint FROM legs") == [str(late.created_at + 1)]


LOST_WORD = [
    api.DisconnectReason.SIGNAL_CLOSE,
    api.DisconnectReason.CONNECTION_TIMEOUT,
    api.DisconnectReason.STATE_MISMATCH,
]


async def ended(company: Company) -> list[str]:
    return await company.ids("SELECT outcome || ' by ' || ended_by FROM calls")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("participant_connection_aborted", api.DisconnectReason.SIGNAL_CLOSE)]
    + [("participant_left", reason) for reason in LOST_WORD],
)
async def test_a_leg_that_vanishes_while_it_rings_is_a_caller_who_hung_up(
    client: httpx.AsyncClient, company: Company, name: str, reason: api.DisconnectReason
) -> None:
    await company.worker()
    await post(client, event(**{"sip.callStatus": "ringing"}))
    await company.move()
    [call_id] = await company.ids("SELECT id FROM calls")
    await company.claim(CallId(call_id))
    left = event(name, **{"sip.callStatus": "ringing"})
    left.participant.disconnect_reason = reason
    await post(client, left)
    assert await ended(company) == ["abandoned by caller"]


@pytest.mark.parametrize("reason", LOST_WORD)
async def test_a_leg_that_vanishes_after_the_answer_was_lost_by_the_engine(
    client: httpx.AsyncClient, company: Company, reason: api.DisconnectReason
) -> None:
    await post(client, event(**{"sip.callStatus": "active"}))
    left = event("participant_left", **{"sip.callStatus": "active"})
    left.participant.disconnect_reason = reason
    await post(client, left)
    assert await ended(company) == ["failed by system"]


async def test_a_leg_that_said_that_it_hung_up_was_not_lost(client: httpx.AsyncClient, company: Company) -> None:
    await post(client, event(**{"sip.callStatus": "active"}))
    left = event("participant_left", **{"sip.callStatus": "hangup"})
    left.participant.disconnect_reason = api.DisconnectReason.CONNECTION_TIMEOUT
    await post(client, left)
    assert await ended(company) == ["abandoned by caller"]


async def test_the_end_of_the_room_ends_the_call(client: httpx.AsyncClient, company: Company) -> None:
    await post(client, event())
    await post(client, event("room_finished"))
    assert await known(company) == {"call-demo_1": False}


async def test_forged_changed_and_stale_events_are_refused(client: httpx.AsyncClient, company: Company) -> None:
    old = event()
    old.created_at -= webhooks.STALE_SECONDS + 1
    nameless = event()
    nameless.id = ""
    assert await post(client, event(), secret="another-secret-another-secret-1234") == 401
    assert await post(client, event(), tail=" ") == 401
    assert await post(client, old) == 401
    assert await post(client, nameless) == 401
    assert (await client.post("/livekit/webhook", content="{}")).status_code == 401
    assert await known(company) == {}


async def test_a_body_that_is_too_large_is_refused_before_it_is_read_whole(client: httpx.AsyncClient) -> None:
    response = await client.post("/livekit/webhook", content=b"x" * (webhooks.MAX_BODY_BYTES + 1))
    assert response.status_code == 422


async def test_participants_who_are_no_callers_open_nothing(client: httpx.AsyncClient, company: Company) -> None:
    agent = event()
    agent.participant.kind = api.ParticipantInfo.Kind.AGENT
    assert await post(client, agent) == 200
    assert await known(company) == {}
