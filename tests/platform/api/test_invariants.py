"""Each promise is broken on purpose: the page has to find exactly that, and nothing in a call that went well."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.platform.api.invariants import EXAMPLES
from callcenter.platform.plumbing.ids import new_id
from tests.platform.api.world import ARRIVED, World

pytestmark = pytest.mark.postgres


async def findings(world: World) -> dict[str, list[tuple[str, str]]]:
    async with await world.reader() as client:
        items = (await client.get("/api/health/invariants")).json()["items"]
    assert [item["name"] for item in items] == ["I1", "I2", "I3", "I4", "I5", "I6"]
    assert all(item["promise"] for item in items)
    assert all(len(item["examples"]) == min(item["violations"], EXAMPLES) for item in items)
    return {item["name"]: [(e["call_id"], e["detail"]) for e in item["examples"]] for item in items}


async def good_call(world: World, worker: str = "agent-1") -> str:
    """Arrived, answered by one agent, ended; its seat is free again."""
    left = ARRIVED + timedelta(seconds=60)
    call_id = await world.ended_call(answered_at=ARRIVED + timedelta(seconds=1), ended_at=left)
    released = left + timedelta(seconds=2)
    offer_id = await world.offer(call_id, worker=worker, state="ended", ended_at=left, released_at=released)
    caller, agent = await world.leg(call_id), await world.leg(call_id, "agent")
    for seq in (1, 2, 3):
        await world.segment(call_id, offer_id, caller, seq)
        await world.segment(call_id, offer_id, agent, seq, speaker="agent")
    await world.event(call_id, 1, "call_arrived")
    await world.event(call_id, 2, "call_ended")
    return call_id


async def test_nothing_is_found_in_calls_that_went_well(world: World) -> None:
    await good_call(world)
    waiting = await world.call(state="waiting")
    await world.run(
        "INSERT INTO waiting_entries (call_id, state, queue, entered_at, attendant_due_at)"
        " VALUES (:id, 'waiting', 'support', now(), now())",
        id=waiting,
    )
    talking = await world.call(state="talking")
    await world.offer(talking, worker="agent-2")
    assert await findings(world) == {name: [] for name in ("I1", "I2", "I3", "I4", "I5", "I6")}


async def test_two_calls_may_come_with_one_call_id_because_the_caller_writes_it(world: World) -> None:
    await world.offer(await world.call(sip_call_id="same"), worker="agent-3")
    second = await world.call(sip_call_id="same", arrived_at=ARRIVED + timedelta(seconds=1))
    await world.offer(second, worker="agent-4")
    assert (await findings(world))["I1"] == []


async def two_ends(world: World) -> str:
    call_id = await good_call(world, "agent-5")
    await world.event(call_id, 3, "call_ended")
    return call_id


async def lost(world: World) -> str:
    return await world.call(state="waiting")


async def overbooked(world: World) -> str:
    call_id = await world.call(state="talking")
    await world.offer(call_id, worker="agent-6")
    await world.run("DELETE FROM seats WHERE worker = 'agent-6'")
    return call_id


async def never_freed(world: World) -> str:
    call_id = await good_call(world)
    await world.run("UPDATE offers SET released_at = NULL WHERE call_id = :id", id=call_id)
    await world.run("UPDATE seats SET offer_id = (SELECT id FROM offers WHERE call_id = :id)", id=call_id)
    return call_id


async def freed_late(world: World) -> str:
    call_id = await good_call(world)
    await world.run(
        "UPDATE offers SET released_at = released_at + interval '4 seconds' WHERE call_id = :id", id=call_id
    )
    return call_id


async def noticed_late(world: World) -> str:
    """Freed 2 s after the call's end, but the caller had left 4 s before that."""
    call_id = await good_call(world)
    await world.run(
        "UPDATE legs SET left_at = :at WHERE call_id = :id AND kind = 'caller'",
        id=call_id, at=ARRIVED + timedelta(seconds=56),
    )  # fmt: skip
    return call_id


async def freed_early(world: World) -> str:
    call_id = await world.call(state="talking")
    await world.offer(call_id)
    await world.run("UPDATE seats SET offer_id = NULL")
    return call_id


async def two_agents(world: World) -> str:
    call_id = await good_call(world)
    late, left = ARRIVED + timedelta(seconds=30), ARRIVED + timedelta(seconds=60)
    await world.offer(call_id, worker="agent-9", state="ended", accepted_at=late, ended_at=left, released_at=left)
    return call_id


async def successor(world: World, silenced_after: timedelta | None) -> str:
    """An agent was lost lately, and silenced so long after its successor had a voice (None: never)."""
    call_id = await world.call(state="talking", arrived_at=ARRIVED)
    lately = datetime.now(UTC) - timedelta(minutes=5)
    lost = await world.offer(
        call_id, worker="agent-7", state="lost", accepted_at=lately, ended_at=lately + timedelta(seconds=10),
        released_at=lately + timedelta(seconds=11),
    )  # fmt: skip
    granted = lately + timedelta(seconds=20)
    live = await world.offer(call_id, worker="agent-8", accepted_at=granted)
    await world.effect(call_id, "grant", f"agent-{live}", granted, granted, offer_id=live)
    if silenced_after is not None:
        await world.effect(call_id, "remove", f"agent-{lost}", lately, granted + silenced_after)
    return call_id


async def silenced_late(world: World) -> str:
    return await successor(world, timedelta(seconds=1))


async def never_silenced(world: World) -> str:
    return await successor(world, None)


async def test_a_successor_after_the_fence_is_no_violation(world: World) -> None:
    await successor(world, timedelta(seconds=-1))
    assert (await findings(world))["I4"] == []


async def a_gap(world: World) -> str:
    call_id = await good_call(world)
    await world.run("DELETE FROM segments WHERE call_id = :id AND seq = 2 AND speaker = 'agent'", id=call_id)
    return call_id


async def no_beginning(world: World) -> str:
    call_id = await good_call(world)
    await world.run("DELETE FROM segments WHERE call_id = :id AND seq = 1 AND speaker = 'caller'", id=call_id)
    return call_id


async def led(world: World, *, listens: bool = True) -> tuple[str, str, str]:
    """A supervisor leads a call that was escalated; of the call, the escalation and the supervision."""
    call_id = await world.call(state="talking", lead="supervisor")
    await world.user()
    if listens:
        await world.offer(call_id, worker="agent-10")
    escalation, supervision = new_id(), new_id()
    await world.run(
        "INSERT INTO escalations (id, call_id, state, trigger, reason, summary, supervisor_id, deadline_at,"
        " accepted_at)"
        " SELECT :id, :call, 'leading', 'agent', '', '', id, now() + interval '1 hour', now() FROM users LIMIT 1",
        id=escalation, call=call_id,
    )  # fmt: skip
    await world.run(
        "INSERT INTO supervisions (id, call_id, user_id, state, mode, join_by)"
        " SELECT :id, :call, id, 'present', 'take_over', now() FROM users LIMIT 1",
        id=supervision, call=call_id,
    )  # fmt: skip
    await world.leg(call_id, "supervisor", identity=f"supervisor-{supervision}")
    await world.event(call_id, 1, "escalation_accepted", data={"escalation_id": escalation})
    return call_id, escalation, supervision


async def test_a_call_that_a_supervisor_leads_and_an_agent_hears_is_no_violation(world: World) -> None:
    await led(world)
    assert (await findings(world))["I6"] == []


async def accepted_twice(world: World) -> str:
    call_id, escalation, _ = await led(world)
    await world.event(call_id, 2, "escalation_accepted", data={"escalation_id": escalation})
    return call_id


async def rings_on(world: World) -> str:
    call_id, escalation, _ = await led(world)
    await world.run(
        "INSERT INTO escalation_offers (id, escalation_id, user_id, state, expires_at)"
        " SELECT :id, :escalation, id, 'offered', now() FROM users LIMIT 1",
        id=new_id(), escalation=escalation,
    )  # fmt: skip
    return call_id


async def still_asked(world: World) -> str:
    call_id = await good_call(world)
    await world.run(
        "INSERT INTO escalations (id, call_id, state, trigger, reason, summary, deadline_at)"
        " VALUES (:id, :call, 'requested', 'agent', '', '', now())",
        id=new_id(), call=call_id,
    )  # fmt: skip
    return call_id


async def late_arrival(world: World) -> str:
    call_id, _, _ = await led(world)
    await world.run("UPDATE escalations SET state = 'accepted'")
    return call_id


async def nobody_listens(world: World) -> str:
    return (await led(world, listens=False))[0]


async def unheard(world: World) -> str:
    call_id, _, _ = await led(world)
    await world.run("DELETE FROM legs WHERE kind = 'supervisor'")
    return call_id


async def leader_gone(world: World) -> str:
    call_id, _, _ = await led(world)
    await world.run("DELETE FROM supervisions")
    await world.run("UPDATE escalations SET state = 'closed', ended_at = now(), deadline_at = NULL")
    return call_id


async def leads_in_vain(world: World) -> str:
    call_id, _, _ = await led(world)
    await world.run("UPDATE supervisions SET mode = 'barge'")
    await world.run("UPDATE calls SET lead = 'agent'")
    return call_id


@pytest.mark.parametrize(
    ("name", "breaking", "says"),
    [
        ("I1", two_ends, "ended with 2 call_ended events"),
        ("I1", lost, "nobody has it"),
        ("I2", overbooked, "1 calls on worker agent-6"),
        ("I3", never_freed, "over 5 s after the caller had left"),
        ("I3", freed_late, "over 5 s after the caller had left"),
        ("I3", noticed_late, "over 5 s after the caller had left"),
        ("I3", freed_early, "does not hold its seat"),
        ("I4", two_agents, "led at once"),
        ("I4", silenced_late, "was given a voice before"),
        ("I4", never_silenced, "was given a voice before"),
        ("I5", a_gap, "2 segments numbered 1 to 3"),
        ("I5", no_beginning, "2 segments numbered 2 to 3"),
        ("I6", accepted_twice, "was accepted 2 times"),
        ("I6", rings_on, "is leading and rings at 1 supervisors"),
        ("I6", still_asked, "is requested after the end of its call"),
        ("I6", late_arrival, "is accepted, and who accepted it is in the call"),
        ("I6", nobody_listens, "no agent listens or is sought"),
        ("I6", unheard, "its words cannot be stored"),
        ("I6", leader_gone, "led by a supervisor, and none leads"),
        ("I6", leads_in_vain, "who accepted it does not lead"),
    ],
)
async def test_a_broken_promise_is_found(
    world: World, name: str, breaking: Callable[[World], Awaitable[str]], says: str
) -> None:
    call_id = await breaking(world)
    found = (await findings(world))[name]
    assert [call for call, _ in found] == [call_id]
    assert says in found[0][1]


async def test_many_violations_are_counted_and_ten_are_shown(world: World) -> None:
    for _ in range(12):
        await world.call(state="waiting")
    async with await world.reader() as client:
        first = (await client.get("/api/health/invariants")).json()["items"][0]
    assert first["violations"] == 12
    assert len(first["examples"]) == 10
