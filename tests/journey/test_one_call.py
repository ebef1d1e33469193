"""The spine of a call, verb by verb, on a real Postgres."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.journey.answered import answered, claimed, first_frame
from callcenter.journey.arrived import arrived, caller_left
from callcenter.journey.gave_up import gave_up
from callcenter.journey.left import left, said_goodbye
from callcenter.journey.offered import expired, refused
from callcenter.journey.said import said
from callcenter.journey.tool_called import tool_called
from callcenter.platform.plumbing.db import Channel
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Claimed, Denied, EndReason
from callcenter.platform.wire.tools import ToolCall
from callcenter.records.calls.store import Arrival
from tests.journey.company import DESK, Company, commands, segment

pytestmark = pytest.mark.postgres


async def test_a_call_is_offered_claimed_answered_and_ends_with_the_agents_goodbye(company: Company) -> None:
    worker = await company.worker()
    call_id = await company.call()
    assert await company.move() == 1
    offer_id, answer = await company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert answer.agent is not None
    assert answer.agent.profile == "shop"
    await answered(company.j, offer_id, datetime.now(UTC))
    assert (await company.row(call_id))["state"] == "talking"
    assert await said_goodbye(company.j, offer_id, EndReason.GOODBYE)
    await left(company.j, offer_id, None)
    await company.j.performer.settle()
    row = await company.row(call_id)
    assert (row["state"], row["outcome"], row["ended_by"]) == ("ended", "completed", "agent")
    assert [what[0] for what in company.rooms.done] == ["grant", "delete"]
    assert await commands(company, worker) == [("take", offer_id)]
    assert await company.events(call_id) == [
        "call_arrived", "call_routed", "call_waiting", "offer_made", "offer_accepted", "lead_changed",
        "call_answered", "offer_ended", "call_ended",
    ]  # fmt: skip
    assert await company.busy_seats() == 0


async def test_i1_a_repeated_arrival_opens_no_second_call(company: Company) -> None:
    again = Arrival("call-x", "sip_1", "abc@host", "+1", "+15550100", "demo")
    first = await arrived(company.j, again, "EV_1")
    assert first is not None
    assert await arrived(company.j, again, "EV_1") is None
    assert await arrived(company.j, again, "EV_2") is None


async def test_i1_a_sip_call_id_used_again_is_a_second_call(company: Company) -> None:
    one = await arrived(company.j, Arrival("call-1", "sip_1", "1@host", "+1", "+15550100", "demo"))
    two = await arrived(company.j, Arrival("call-2", "sip_1", "1@host", "+1", "+15550100", "demo"))
    assert one is not None
    assert two is not None


async def test_i1_a_caller_who_hangs_up_before_anybody_answers_has_abandoned(company: Company) -> None:
    call_id = await company.call()
    room = (await company.row(call_id))["room"]
    assert await caller_left(company.j, room)
    assert not await caller_left(company.j, room)
    assert (await company.row(call_id))["outcome"] == "abandoned"


async def test_i3_the_callers_leaving_is_when_it_happened_not_when_it_was_noticed(company: Company) -> None:
    call_id = await company.call()
    room = (await company.row(call_id))["room"]
    await company.sql("UPDATE legs SET joined_at = joined_at - interval '60 s'")
    noticed = datetime.now(UTC)

    async def left_before_we_noticed() -> float:
        leg = await company.ids(f"SELECT left_at FROM legs WHERE call_id = '{call_id}'")
        return (noticed - datetime.fromisoformat(leg[0])).total_seconds()

    assert await caller_left(company.j, room, at=noticed - timedelta(seconds=3))
    assert await left_before_we_noticed() == pytest.approx(3)
    assert not await caller_left(company.j, room, at=noticed - timedelta(seconds=8)), (
        "a later word of an earlier leaving"
    )
    assert await left_before_we_noticed() == pytest.approx(8)
    await caller_left(company.j, room, at=noticed + timedelta(seconds=5))
    assert await left_before_we_noticed() == pytest.approx(8)


async def test_a_caller_who_forges_an_allowed_address_is_refused_and_recorded(company: Company) -> None:
    await company.worker()
    forged = Arrival("call-f", "sip_1", "f@host", "+1", "+15550100", "demo", forged=True)
    call_id = await arrived(company.j, forged)
    assert call_id is not None
    assert await company.move() == 0
    await company.j.performer.settle()
    assert ("delete", "call-f") in company.rooms.done
    assert (await company.row(call_id))["outcome"] == "refused"


async def test_somebody_elses_leaving_does_not_end_the_call(company: Company) -> None:
    call_id = await company.call()
    assert not await caller_left(company.j, (await company.row(call_id))["room"], None, "sip_another")
    assert (await company.row(call_id))["state"] == "ringing"


async def test_i2_two_calls_and_one_seat_make_one_offer(company: Company) -> None:
    await company.worker(seats=1)
    first, second = await company.call(), await company.call()
    assert await company.move() == 1
    offer_id, _ = await company.claim(first)
    await said_goodbye(company.j, offer_id, EndReason.GOODBYE)
    assert await company.move() == 0, "I3: the seat is busy until the job is confirmed gone"
    await left(company.j, offer_id, None)
    assert await company.move() == 1
    assert isinstance((await company.claim(second))[1], Claimed)


async def test_a_call_that_needs_a_skill_nobody_has_waits(company: Company) -> None:
    await company.worker(seats=4)
    await company.call("+15550102")
    assert await company.move() == 0
    await company.worker(seats=1, skills=("back-office",))
    assert await company.move() == 1


async def test_expired_offer_returns_the_call_to_its_old_place_and_puts_the_worker_last(company: Company) -> None:
    frozen = await company.worker(seats=2)
    first = await company.call()
    await company.move()
    second = await company.call()
    offer_id = await company.offer(first)
    awake = await company.worker(seats=1)
    assert await expired(company.j, offer_id)
    assert await company.move() == 2
    assert (await company.offer_row(await company.offer(first)))["worker"] == awake
    assert (await company.offer_row(await company.offer(second)))["worker"] == frozen


async def test_a_claim_after_the_lease_is_denied(company: Company) -> None:
    await company.worker()
    call_id = await company.call()
    await company.move()
    await company.sql("UPDATE offers SET lease_until = clock_timestamp() - interval '1 ms'")
    _, answer = await company.claim(call_id)
    assert isinstance(answer, Denied)
    await company.j.performer.settle()
    assert "grant" not in {what[0] for what in company.rooms.done}


async def test_a_refused_offer_goes_to_another_worker_at_once(company: Company) -> None:
    await company.worker()
    call_id = await company.call()
    await company.move()
    refusing = await company.offer(call_id)
    await company.worker()
    assert await refused(company.j, refusing, "no free seat")
    assert await company.move() == 1
    assert await company.offer(call_id) != refusing


async def test_the_attendant_is_asked_when_no_agent_answers_in_time(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT, seats=30)
    call_id = await company.call()
    assert await company.move() == 0, "the phone rings first"
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    assert await company.move() == 1
    offer_id, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert not answer.attendant.then_end
    await answered(company.j, offer_id, datetime.now(UTC))
    row = await company.row(call_id)
    assert (row["state"], row["lead"]) == ("waiting", "attendant")


async def test_the_attendant_fades_when_the_agent_is_heard(company: Company) -> None:
    attendant = await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call()
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    held, _ = await company.claim(call_id, SeatKind.ATTENDANT)
    await company.worker()
    await company.move()
    agent, _ = await company.claim(call_id)
    await first_frame(company.j, agent)
    assert await commands(company, attendant) == [("take", held), ("fade", held)]
    await left(company.j, held, None)
    assert (await company.offer_row(held))["state"] == "ended"
    assert (await company.row(call_id))["lead"] == "agent"


async def test_an_attendant_who_claims_after_the_agent_is_denied(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call()
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    await company.worker()
    await company.move()
    await company.claim(call_id)
    late, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Denied)
    assert (await company.offer_row(late))["state"] == "withdrawn"


async def test_an_unknown_number_gets_a_sentence_and_the_outcome_refused(company: Company) -> None:
    await company.worker(seats=4)
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call("+15550199")
    assert await company.move() == 1, "an attendant at once, and no agent"
    offer_id, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert answer.attendant.then_end
    assert "not in service" in answer.attendant.opening
    await said_goodbye(company.j, offer_id, EndReason.MESSAGE_SAID)
    row = await company.row(call_id)
    assert (row["outcome"], row["ended_by"]) == ("refused", "system")


async def test_a_call_nobody_comes_for_ends_with_a_sentence(company: Company) -> None:
    attendant = await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call()
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    held, _ = await company.claim(call_id, SeatKind.ATTENDANT)
    assert await gave_up(company.j, call_id)
    assert (await commands(company, attendant))[-1] == ("say_and_end", held)
    await said_goodbye(company.j, held, EndReason.MESSAGE_SAID)
    assert (await company.row(call_id))["outcome"] == "failed"


async def test_the_order_tool_reads_the_database_and_fails_in_sentences(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()

    async def ask(name: str, **arguments: str) -> tuple[object, str | None]:
        answer = await tool_called(
            company.j, ToolCall(offer_id=offer_id, tool_call_id=new_id(), name=name, arguments=arguments)
        )
        return answer.result, answer.error

    result, _ = await ask("order_status", order_number="4 7 1 2")
    assert isinstance(result, dict)
    assert (result["status"], result["expected_on"]) == ("delayed", "2026-11-27")
    assert (await ask("order_status", order_number="9999"))[1] == "I cannot find an order with the number 9 9 9 9."
    assert (await ask("make_coffee"))[1] == "I do not have a way to do that."
    assert (await company.events(call_id)).count("tool_called") == 2
    await caller_left(company.j, (await company.row(call_id))["room"])
    assert (await ask("order_status", order_number="4711"))[1] == "I cannot do that any more."


async def test_what_failed_outside_is_done_by_the_sweep(company: Company) -> None:
    await company.worker()
    company.rooms.fail = True
    await company.talking()
    await company.j.performer.settle()
    assert company.rooms.done == []
    company.rooms.fail = False
    await company.sql("UPDATE effects SET due_at = clock_timestamp()")
    assert await company.j.performer.sweep_once() == 1
    assert await company.j.performer.sweep_once() == 0
    assert [what[0] for what in company.rooms.done] == ["grant"]


async def test_looking_for_work_and_finding_none_wakes_nobody(company: Company) -> None:
    woken: list[set[Channel]] = []
    after_commit = company.j.performer.after_commit

    def noted(effect_ids: list[int], news: set[Channel]) -> object:
        woken.append(set(news))
        return after_commit(effect_ids, news)

    company.j.performer.after_commit = noted  # type: ignore[method-assign, assignment]
    await company.move()
    assert [news for news in woken if news] == []
    await company.worker()
    _, offer_id = await company.talking()
    assert Channel.LINE in set.union(*woken)
    woken.clear()
    await said(company.j, segment(offer_id, 1))
    assert woken == [{Channel.TIMELINE}], "an utterance wakes nobody who looks after the line"


async def test_a_claim_repeated_after_a_lost_answer_is_answered_alike_and_changes_nothing(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    before = await company.events(call_id)
    again = await claimed(company.j, offer_id, 1, DESK)
    assert isinstance(again, Claimed)
    assert again.agent is not None
    assert await company.events(call_id) == before
