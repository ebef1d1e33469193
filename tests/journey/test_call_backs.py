"""Call-backs whose turn has come: who is rung, what they are asked, and what becomes of it."""

import asyncio

import pytest

from callcenter.journey.answered import claimed
from callcenter.journey.arrived import caller_left
from callcenter.journey.call_back_cancelled import cancelled
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.plumbing.livekit_calls import DialFailed
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Claimed
from callcenter.setup.audit.rules import command
from callcenter.setup.queues.rules import CallBackPolicy
from callcenter.setup.rule_sets import flow as rule_sets
from callcenter.stages.offers import loop as offers_loop
from sip import Guard
from tests.journey.company import DESK, commands
from tests.journey.phones import Phones, number, promises_hold

pytestmark = pytest.mark.postgres


async def answered_call(world: Phones, which: int = 1) -> tuple[str, CallId, OfferId]:
    """A call-back whose phone was picked up; an attendant is there."""
    call_back_id = await world.promise(which, 5)
    await world.company.worker()
    await world.company.worker(SeatKind.ATTENDANT)
    assert await world.move() == 1
    await world.ringer.settle()
    call_id = CallId(world.rung()[-1])
    return call_back_id, call_id, await world.attended(call_id)


async def test_who_confirms_gets_the_agent_whose_seat_was_kept(world: Phones) -> None:
    call_back_id, call_id, attendant = await answered_call(world)
    row = await world.company.row(call_id)
    assert (row["direction"], row["to_number"], row["from_number"]) == ("outbound", number(1), "+493023125999")
    kept = await world.company.offer(call_id)
    worker = (await world.company.offer_row(kept))["worker"]
    assert not await commands(world.company, worker), "no agent before somebody confirmed"
    await world.press(attendant, 1, "1")
    assert await commands(world.company, worker) == [("take", kept)]
    assert isinstance(await claimed(world.j, kept, 1, DESK), Claimed)
    assert (await world.back(call_back_id))["state"] == "done"
    events = await world.company.events(call_id)
    assert [each for each in events if each.startswith("call_back")] == ["call_back_dialled", "call_back_confirmed"]
    await promises_hold(world)


async def test_a_machine_is_rung_again_and_given_up_after_the_last_attempt(world: Phones) -> None:
    await world.queue(call_back=CallBackPolicy(attempts=2, after_seconds=(7,)))
    call_back_id, call_id, attendant = await answered_call(world)
    again = await world.press(attendant, 1, None)
    assert again.ask.number == 2
    assert await world.press(attendant, 2, None) is None, "the call is over"
    assert (await world.company.row(call_id))["outcome"] == "failed"
    row = await world.back(call_back_id)
    assert (row["state"], row["last_failure"], row["attempts"]) == ("planned", "machine", 1)
    pause = await world.company.ids(
        "SELECT round(extract(epoch FROM next_attempt_at - clock_timestamp())) FROM call_backs"
    )
    assert 5 <= int(pause[0]) <= 7
    await world.at_once(call_back_id)
    await world.company.worker()
    world.lines.refuses = DialFailed(486, "Busy Here")
    await world.ringer.ring_once()
    await world.ringer.settle()
    row = await world.back(call_back_id)
    assert (row["state"], row["last_failure"], row["attempts"]) == ("failed", "busy", 2)


async def test_a_machine_hears_the_message_that_the_queue_has_for_it(world: Phones) -> None:
    await world.queue(call_back=CallBackPolicy(announce="We called you back."))
    call_back_id, _, attendant = await answered_call(world)
    await world.press(attendant, 1, None)
    plan = await world.press(attendant, 2, None)
    assert (plan.opening, plan.then_end) == ("We called you back.", True)
    assert (await world.back(call_back_id))["last_failure"] == "machine"
    assert await kept(world) == ["withdrawn"], "nobody's seat is kept for a machine that listens"


async def test_who_needs_no_call_back_any_more_says_so(world: Phones) -> None:
    call_back_id, _, attendant = await answered_call(world)
    assert (await world.press(attendant, 1, "2")).then_end
    assert (await world.back(call_back_id))["state"] == "cancelled"
    assert await kept(world) == ["withdrawn"]


async def kept(world: Phones) -> list[str]:
    """What became of the agents' seats that were kept."""
    return await world.company.ids("SELECT state FROM offers WHERE kind = 'agent' ORDER BY offered_at")


async def test_who_hangs_up_before_confirming_is_called_again(world: Phones) -> None:
    call_back_id, call_id, _ = await answered_call(world)
    assert await caller_left(world.j, (await world.company.row(call_id))["room"])
    row = await world.back(call_back_id)
    assert (row["state"], row["last_failure"]) == ("planned", "hung_up")


async def test_nobody_answers_the_seat_is_free_again_and_the_place_is_kept(world: Phones) -> None:
    world.lines.refuses = DialFailed(408, "Request Timeout")
    call_back_id = await world.promise(1, 5)
    worker = await world.company.worker()
    await world.ringer.ring_once()
    await world.ringer.settle()
    row = await world.back(call_back_id)
    assert (row["state"], row["last_failure"], row["attempts"]) == ("planned", "no_answer", 1)
    assert await world.company.ids("SELECT state FROM offers") == ["withdrawn"] * 2
    events = await world.company.events(row["origin_call_id"])
    assert events[-2:] == ["call_back_dialled", "call_back_missed"]
    assert worker


async def test_a_seat_is_kept_for_a_ringing_phone_no_longer_than_it_may_ring(world: Phones) -> None:
    world.lines.rings = asyncio.Event()
    await world.promise(1, 5)
    await world.company.worker()
    await world.ringer.ring_once()
    leases = await world.company.ids("SELECT round(extract(epoch FROM lease_until - clock_timestamp())) FROM offers")
    assert [30 <= int(lease) <= 35 for lease in leases] == [True, True], "25 s of ringing, and 10 s for the way there"
    await world.company.sql("UPDATE offers SET lease_until = clock_timestamp()")
    await offers_loop.expire_once(world.j)
    assert await world.company.ids("SELECT state FROM offers") == ["expired"] * 2
    assert await world.company.ids("SELECT name FROM workers WHERE last_failed_at IS NOT NULL") == [], (
        "nobody has asked them for anything"
    )
    assert await world.company.move() == 0, "no attendant comes into a room whose phone still rings"
    world.lines.rings.set()
    await world.ringer.settle()
    assert await world.company.move() == 1, "but when it is picked up"


async def test_nobody_is_rung_whom_no_attendant_could_greet_and_nobody_waits_for_that(world: Phones) -> None:
    await world.company.sql("UPDATE seats SET offer_id = gen_random_uuid()")
    await world.promise(1, 8)
    caller = await world.waiting_since(2, 5)
    await world.company.worker(seats=2)
    await world.move()
    assert world.rung() == []
    await world.company.offer(caller)
    await world.company.sql("UPDATE seats SET offer_id = NULL WHERE worker LIKE 'attendant%'")
    await world.move()
    assert len(world.rung()) == 1


async def test_the_attendant_who_greets_is_kept_while_the_phone_rings(world: Phones) -> None:
    await world.company.sql("UPDATE seats SET offer_id = gen_random_uuid() WHERE number > 1")
    world.lines.rings = asyncio.Event()
    await world.promise(1, 8)
    await world.company.worker()
    await world.ringer.ring_once()
    other = await world.waiting_since(2, 5)
    await world.company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp() WHERE call_id = :id",
                            id=other)  # fmt: skip
    assert await world.company.move() == 0, "the only seat is kept"
    world.lines.rings.set()
    await world.ringer.settle()
    call_id = CallId(world.rung()[0])
    kept = await world.company.offer(call_id, SeatKind.ATTENDANT)
    worker = (await world.company.offer_row(kept))["worker"]
    assert await commands(world.company, worker) == [("take", kept)]
    assert await world.company.move() == 0, "it comes, and nobody else is asked"
    answer = await claimed(world.j, kept, 1, DESK)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert answer.attendant.ask is not None


async def test_a_router_that_dies_while_it_dials_leaves_a_call_that_others_see_end(world: Phones) -> None:
    """The reconciler, which finds nobody in the room, ends the call; the call-back goes on soon."""
    world.lines.rings = asyncio.Event()
    call_back_id = await world.promise(1, 5)
    await world.company.worker()
    await world.ringer.ring_once()
    (call_id,) = await world.company.ids("SELECT call_id FROM call_backs")
    assert await caller_left(world.j, (await world.company.row(CallId(call_id)))["room"])
    row = await world.back(call_back_id)
    assert (row["state"], row["last_failure"], row["attempts"]) == ("planned", "lost", 1)
    assert await world.ringer.ring_once() == 0, "the pause is not over"
    world.lines.rings.set()
    await world.ringer.settle()
    assert (await world.back(call_back_id))["state"] == "planned", "who dialled learns that it is over"


async def test_caps_of_the_trunk_hold_a_call_back_up_and_nobody_behind_it(world: Phones) -> None:
    world.lines.guard = Guard(prefixes=("+49",), concurrent=1)
    first, second = await world.promise(1, 9), await world.promise(2, 8)
    caller = await world.waiting_since(3, 5)
    await world.company.worker(seats=2)
    while await world.move():
        pass
    assert (await world.back(first))["state"] in ("dialling", "confirming")
    row = await world.back(second)
    assert (row["state"], row["last_failure"], row["attempts"]) == ("planned", "refused_concurrent", 0)
    await world.company.offer(caller)


async def test_a_media_server_that_is_away_holds_nobody_up(world: Phones) -> None:
    world.lines.down = True
    call_back_id = await world.promise(1, 9)
    caller = await world.waiting_since(3, 5)
    await world.company.worker()
    await world.move()
    await world.move()
    assert (await world.back(call_back_id))["last_failure"] == "no_line"
    await world.company.offer(caller)
    world.lines.down = False


async def test_a_caller_who_is_on_the_line_is_not_rung_and_is_served_at_their_place(world: Phones) -> None:
    call_back_id = await world.promise(1, 9)
    call_id = await world.company.call(from_=number(1))
    await world.company.worker()
    assert await world.ringer.ring_once() == 0
    await world.company.move()
    _, answer = await world.company.claim(call_id)
    assert isinstance(answer, Claimed)
    row = await world.back(call_back_id)
    assert (row["state"], row["last_failure"]) == ("cancelled", "served in another call")
    assert await world.company.events(row["origin_call_id"])


async def test_a_test_call_with_the_number_of_somebody_promised_takes_nothing_from_them(world: Phones) -> None:
    call_back_id = await world.promise(1, 9)
    call_id = await world.company.call(from_=number(1))
    await world.company.sql("UPDATE calls SET channel = 'browser' WHERE id = :id", id=call_id)
    await world.company.worker(seats=2)
    await world.company.sql("UPDATE call_backs SET next_attempt_at = clock_timestamp() + interval '1 minute'")
    await world.company.move()
    _, answer = await world.company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert (await world.back(call_back_id))["state"] == "planned"
    await world.at_once(call_back_id)
    await world.company.worker(SeatKind.ATTENDANT)
    assert await world.ringer.ring_once() == 1, "the one who was promised is rung meanwhile"
    await world.ringer.settle()


async def test_a_rule_knows_who_is_to_be_called_back_and_gives_them_their_place(world: Phones) -> None:
    body: dict[str, object] = {
        "rules": [
            {"name": "Promised", "when": {"to": ["+15550100"], "open_call_back": True},
             "then": {"action": "queue", "queue": "support"}},
            {"name": "All", "when": {}, "then": {"action": "message", "text": "No."}},
        ]
    }  # fmt: skip
    call_back_id = await world.promise(1, 9)
    async with world.j.db.transaction() as tx:
        await _publish(tx, body)
    call_id = await world.company.call(from_=number(1))
    assert (await world.company.row(call_id))["rule"] == "Promised"
    entered = await world.company.ids(f"SELECT entered_at FROM waiting_entries WHERE call_id = '{call_id}'")
    assert entered == [str((await world.back(call_back_id))["entered_at"])]
    other = await world.company.call(from_=number(2))
    assert (await world.company.row(other))["rule"] == "All"


async def _publish(tx: Tx, body: dict[str, object]) -> None:
    await rule_sets.publish(tx, body, "test")


async def test_an_admin_cancels_what_is_planned_or_rings_and_nothing_that_was_answered(world: Phones) -> None:
    planned = await world.promise(1, 9)
    author = command("test")
    assert (await cancelled(world.j, planned, author)).state == "cancelled"
    assert await world.company.ids(
        "SELECT thing || ' ' || change || ' ' || name FROM audit_entries ORDER BY id DESC LIMIT 1"
    ) == [f"call_back deleted {planned}"]
    answered, call_id, _ = await answered_call(world, 2)
    with pytest.raises(Conflict):
        await cancelled(world.j, answered, author)
    assert (await world.company.row(call_id))["state"] == "waiting"
