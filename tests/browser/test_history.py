"""Past calls are found, a call's page tells its story, and somebody who may ends a call."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.journey.effects import Performer
from callcenter.journey.verb import Journey
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Interim
from callcenter.setup.users.model import Role
from tests.browser.office import Office
from tests.journey.company import TIMING
from tests.journey.rooms import NotedRooms
from tests.platform.api.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CALLER = "+493012345678"


async def talked(world: World, ago: timedelta, *said: str, live: bool = False, from_: str = CALLER) -> tuple[str, str]:
    """A call that came so long ago, with what the caller and the agent said in turns; its offer."""
    arrived = datetime.now(UTC) - ago
    answered = arrived + timedelta(seconds=1)
    facts = {
        "from_number": from_, "arrived_at": arrived, "answered_at": answered, "queue": "support", "profile": "shop",
        "rule": "Main line", "rule_set_version": 1, "trace": ["1. Main line: the number is +15550100"],
    }  # fmt: skip
    if live:
        call_id = await world.call(state="talking", lead="agent", **facts)
    else:
        call_id = await world.ended_call(ended_by="supervisor", ended_at=arrived + timedelta(seconds=75), **facts)
    legs = {kind: await world.leg(call_id, kind, joined_at=arrived) for kind in ("caller", "agent")}
    freed = {} if live else {"state": "ended", "ended_at": datetime.now(UTC), "released_at": datetime.now(UTC)}
    offer = await world.offer(call_id, offered_at=arrived, accepted_at=answered, **freed)
    for place, text in enumerate(said):
        speaker, at = ("agent", "caller")[place % 2], answered + timedelta(seconds=4 * place)
        await world.segment(
            call_id, offer, legs[speaker], place // 2 + 1, speaker=speaker, text=text, started_at=at,
            ended_at=at + timedelta(seconds=3),
        )  # fmt: skip
    story = [
        ("call_arrived", {"trunk": "demo"}), ("call_routed", {"rule": "Main line", "action": "queue"}),
        ("call_waiting", {"queue": "support"}), ("offer_made", {"kind": "agent", "worker": "agent-1"}),
        ("offer_accepted", {"kind": "agent", "worker": "agent-1"}), ("lead_changed", {"lead": "agent"}),
        ("call_answered", {}), ("tool_called", {"tool": "look_up_order"}),
    ]  # fmt: skip
    if not live:
        story.append(("call_ended", {"outcome": "completed", "ended_by": "supervisor"}))
    for seq, (kind, data) in enumerate(story, start=1):
        await world.event(call_id, seq, kind, data=data, at=arrived + timedelta(milliseconds=400 * seq))
    return call_id, offer


async def go_on_guessing(office: Office, call_id: str, offer_id: str) -> None:
    while True:
        words = Interim(offer_id=offer_id, speaker=Speaker.CALLER, seq=2, text="but when will it")
        office.app.state.words.tell(call_id, words)
        await asyncio.sleep(0.3)


async def test_past_calls_are_found_read_and_taken_away_and_a_live_one_is_ended(office: Office) -> None:
    world = World(office.app, office.database)
    office.app.state.journey = Journey(office.database, Performer(office.database, NotedRooms()), TIMING)
    greeting = "Hello, this is the demo shop. How can I help you?"
    await talked(world, timedelta(days=9), greeting, "What are your opening hours?", "Every day from eight to six.")
    await talked(
        world, timedelta(hours=30), greeting, "My invoice is wrong", "I am sorry about that.", from_="+4940111"
    )
    await talked(world, timedelta(hours=5), greeting, "Was my refund paid?", "It was paid on Monday.", from_="+4940222")
    past, _ = await talked(
        world, timedelta(hours=2), greeting, "I want a refund for order 4712", "It is delayed until Friday."
    )
    live, offer = await talked(
        world, timedelta(seconds=40), greeting, "Where is my order 4712?", "Order 4712 is delayed until Friday.",
        live=True,
    )  # fmt: skip
    guessing = asyncio.create_task(go_on_guessing(office, live, offer))
    try:
        await office.see("history.spec", Role.SUPERVISOR, CONSOLE_LIVE=live, CONSOLE_PAST=past)
    finally:
        guessing.cancel()
        with suppress(asyncio.CancelledError):
            await guessing
