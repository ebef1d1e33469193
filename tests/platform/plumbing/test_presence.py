"""What LiveKit's answers say about a participant; a server that gives them as told stands in for it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms, Presence
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure

Answer = tuple[int, dict[str, str]]

HELD: Answer = (200, {})
UNKNOWN: Answer = (404, {"code": "not_found", "msg": "participant does not exist"})
NOBODY_ANSWERS: Answer = (503, {"code": "unavailable", "msg": "no response from servers"})


@pytest.fixture
async def server() -> AsyncIterator[tuple[LiveKitRooms, dict[str, Answer]]]:
    """A client, and what is answered by the name of the method."""
    answers: dict[str, Answer] = {}

    async def answer(request: web.Request) -> web.Response:
        status, body = answers[request.match_info["method"]]
        if status == 200:
            return web.Response(body=b"", content_type="application/protobuf")
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_post("/twirp/livekit.RoomService/{method}", answer)
    async with TestServer(app) as running:
        url = f"ws://{running.host}:{running.port}"
        rooms = LiveKitRooms(Settings(livekit_url=url, livekit_api_key="key", livekit_api_secret="secret" * 6))
        yield rooms, answers
        await rooms.close()


@pytest.mark.parametrize(
    ("held", "listed", "presence"),
    [
        (HELD, HELD, Presence.HERE),
        (UNKNOWN, UNKNOWN, Presence.GONE),
        (UNKNOWN, HELD, Presence.LOST),  # the room was made anew on another server
        (NOBODY_ANSWERS, HELD, Presence.LOST),
        (NOBODY_ANSWERS, NOBODY_ANSWERS, Presence.LOST),
    ],
)
async def test_who_is_listed_while_nobody_answers_for_them_is_lost(
    server: tuple[LiveKitRooms, dict[str, Answer]], held: Answer, listed: Answer, presence: Presence
) -> None:
    rooms, answers = server
    answers |= {"UpdateParticipant": held, "GetParticipant": listed}
    assert await rooms.presence("call-1", "sip_1") is presence


async def test_one_who_leaves_while_we_ask_has_left_and_was_not_lost(
    server: tuple[LiveKitRooms, dict[str, Answer]],
) -> None:
    rooms, answers = server
    answers |= {"UpdateParticipant": NOBODY_ANSWERS, "GetParticipant": UNKNOWN}
    assert await rooms.presence("call-1", "sip_1") is Presence.GONE
