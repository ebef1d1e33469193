"""What webhooks missed is found by looking into the rooms."""

from dataclasses import dataclass, field

import pytest

from callcenter.platform.plumbing.livekit_rooms import Participant, Room
from callcenter.records.calls import store as calls
from callcenter.stages.arrival.loop import Reconciler
from tests.journey.company import Company

pytestmark = pytest.mark.postgres

RINGING = {"sip.callIDFull": "abc@host", "sip.ruleID": "R", "sip.trunkPhoneNumber": "+15550100"}


@dataclass
class LiveRooms:
    """A media server's rooms as the test wants them."""

    there: dict[str, list[Participant]] = field(default_factory=dict)
    age_seconds: float = 60.0
    deleted: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)

    async def rooms(self) -> list[Room]:
        return [Room(name, self.age_seconds, len(present)) for name, present in self.there.items()]

    async def participants(self, room: str) -> list[Participant]:
        return self.there[room]

    async def delete(self, room: str) -> None:
        self.deleted.append(room)

    async def answers(self, room: str, identity: str) -> bool:
        return room not in self.silent


async def look(company: Company, live: LiveRooms) -> int:
    """One look by a reconciler that ends a call at the second one in a row that misses its caller."""
    reconciler = Reconciler(company.j, live, patience_seconds=0.0)
    return await reconciler.reconcile_once()


def caller(**attributes: str) -> Participant:
    return Participant("sip_1", True, RINGING | attributes)


async def state(company: Company, room: str) -> bool | None:
    async with company.j.db.transaction() as tx:
        found = (await calls.by_rooms(tx, [room])).get(room)
    return found.live if found else None


async def test_i1_a_caller_no_webhook_named_gets_a_call(company: Company) -> None:
    live = LiveRooms({"call-1": [caller()]})
    assert await look(company, live) == 1
    assert await state(company, "call-1") is True
    assert await look(company, live) == 0


async def test_a_room_as_young_as_a_webhook_on_its_way_is_left_alone(company: Company) -> None:
    assert await look(company, LiveRooms({"call-1": [caller()]}, age_seconds=1.0)) == 0


async def test_a_call_whose_caller_is_gone_from_the_room_ends(company: Company) -> None:
    call_id = await company.call()
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '10 s'")
    room = (await company.row(call_id))["room"]
    assert await look(company, LiveRooms({room: [Participant("agent-1", False, {})]})) == 1
    assert await state(company, room) is False


async def test_a_call_whose_room_is_gone_ends(company: Company) -> None:
    call_id = await company.call()
    assert await look(company, LiveRooms()) == 0, "it has only just come in"
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '10 s'")
    assert await look(company, LiveRooms()) == 1
    assert (await company.row(call_id))["outcome"] == "abandoned"


async def test_an_answer_nobody_reported_is_noted(company: Company) -> None:
    live = LiveRooms({"call-1": [caller()]})
    await look(company, live)
    live.there["call-1"] = [caller(**{"sip.callStatus": "active"})]
    await look(company, live)
    async with company.j.db.transaction() as tx:
        call = (await calls.by_rooms(tx, ["call-1"]))["call-1"]
    assert (await company.row(call.call_id))["answered_at"] is not None


async def test_rooms_of_ended_calls_and_ghost_rooms_are_deleted_and_other_peoples_rooms_are_not(
    company: Company,
) -> None:
    live = LiveRooms({"call-1": [caller()]})
    await look(company, live)
    live.there = {"call-2": [], "their-room": []}
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '10 s'")
    await look(company, live)
    live.there = {"call-1": [caller()], "their-room": []}
    await look(company, live)
    assert live.deleted == ["call-2", "call-1"]


async def test_a_ghost_room_with_nobody_but_an_agent_of_ours_in_it_is_deleted(company: Company) -> None:
    live = LiveRooms({"call-ghost": [Participant("agent-1", False, {})]}, age_seconds=10)
    await look(company, live)
    assert live.deleted == []
    live.age_seconds = 16
    await look(company, live)
    assert live.deleted == ["call-ghost"]


async def test_one_look_that_misses_every_room_ends_no_call(company: Company) -> None:
    call_id = await company.call()
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '10 s'")
    live = LiveRooms()
    patient = Reconciler(company.j, live, patience_seconds=60)
    assert await patient.reconcile_once() == 0
    live.there = {
        (await company.row(call_id))["room"]: [
            Participant((await company.row(call_id))["caller_identity"], True, RINGING)
        ]
    }
    assert await patient.reconcile_once() == 0
    assert (await company.row(call_id))["state"] == "ringing"


async def test_a_call_that_is_answered_and_steady_costs_no_transaction(company: Company) -> None:
    live = LiveRooms({"call-1": [caller(**{"sip.callStatus": "active"})]})
    await look(company, live)
    async with company.j.db.transaction() as tx:
        assert (await calls.by_rooms(tx, ["call-1"]))["call-1"].answered
    before = await company.ids("SELECT xmin FROM calls")
    await look(company, live)
    assert await company.ids("SELECT xmin FROM calls") == before


async def test_a_caller_who_has_hung_up_but_lingers_in_the_room_has_left(company: Company) -> None:
    live = LiveRooms({"call-1": [caller(**{"sip.callStatus": "active"})]})
    patient = Reconciler(company.j, live, patience_seconds=60)
    await patient.reconcile_once()
    live.there["call-1"] = [caller(**{"sip.callStatus": "hangup"})]
    assert await patient.reconcile_once() == 1
    assert await state(company, "call-1") is False


def talking(*rooms: str) -> LiveRooms:
    """Each caller is on the phone."""
    return LiveRooms({room: [caller(**{"sip.callIDFull": room, "sip.callStatus": "active"})] for room in rooms})


async def test_i3_a_leg_that_hung_up_without_a_word_is_noticed_by_its_silence(company: Company) -> None:
    live = talking("call-1", "call-2")
    reconciler = Reconciler(company.j, live)
    for _ in ("opened", "asked"):
        await reconciler.reconcile_once()
    live.silent.add("call-1")
    await reconciler.reconcile_once()
    assert (await state(company, "call-1"), await state(company, "call-2")) == (False, True)


async def test_i3_a_leg_that_hung_up_before_it_was_ever_asked_is_noticed_by_its_silence(company: Company) -> None:
    live = talking("call-1", "call-2")
    live.silent.add("call-1")
    reconciler = Reconciler(company.j, live)
    for _ in ("opened", "asked", "asked by one that knows that legs answer here"):
        await reconciler.reconcile_once()
    assert (await state(company, "call-1"), await state(company, "call-2")) == (False, True)


async def test_where_legs_never_answer_none_is_judged_by_its_silence(company: Company) -> None:
    live = talking("call-1")
    live.silent.add("call-1")
    reconciler = Reconciler(company.j, live)
    for _ in range(4):
        await reconciler.reconcile_once()
    assert await state(company, "call-1") is True


async def test_where_no_leg_answers_it_is_the_engine_that_hangs_and_no_call_ends(company: Company) -> None:
    live = talking("call-1", "call-2")
    reconciler = Reconciler(company.j, live)
    for _ in ("opened", "asked"):
        await reconciler.reconcile_once()
    live.silent |= {"call-1", "call-2"}
    await reconciler.reconcile_once()
    assert (await state(company, "call-1"), await state(company, "call-2")) == (True, True)


async def test_a_room_whose_name_no_database_can_hold_keeps_nobody_from_being_looked_after(company: Company) -> None:
    live = LiveRooms({"call-\x00": [caller()], "call-1": [caller()]})
    assert await look(company, live) == 1
    assert await state(company, "call-1") is True
    assert live.deleted == ["call-\x00"]
