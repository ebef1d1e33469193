"""What fails outside, and how often: nobody joins one who may still be heard, and nobody is asked for ever."""

from datetime import UTC, datetime

import pytest

from callcenter.journey.arrived import caller_left
from callcenter.journey.gave_up import gave_up
from callcenter.journey.left import left, lost, said_goodbye
from callcenter.journey.said import said
from callcenter.journey.suspected import suspected
from callcenter.platform.desk.calls import handle
from callcenter.platform.entrypoints.lost_legs import end_older
from callcenter.platform.plumbing.livekit_rooms import Presence
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.messages import CallerLeft, Claimed, EndReason, Left, Segment
from callcenter.stages.waiting import loop as waiting
from tests.journey.company import DESK, Company

pytestmark = pytest.mark.postgres


async def test_i4_no_other_agent_is_asked_before_the_lost_one_is_silenced(company: Company) -> None:
    await company.worker(seats=3)
    await company.worker(SeatKind.ATTENDANT)
    call_id, _ = await company.talking()
    company.rooms.fail = True
    await lost(company.j, await company.offer(call_id), "test")
    await company.j.performer.settle()
    assert await company.move() == 1, "an attendant may come, an agent may not"
    assert (await company.row(call_id))["lead"] == "none"
    company.rooms.fail = False
    await company.sql("UPDATE effects SET due_at = clock_timestamp()")
    await company.j.performer.sweep_once()
    assert await company.move() == 1
    assert isinstance((await company.claim(call_id))[1], Claimed)


async def test_i4_a_dead_offer_is_never_granted_a_voice(company: Company) -> None:
    await company.worker()
    call_id = await company.call()
    await company.move()
    await company.j.performer.settle()
    company.rooms.fail = True
    offer_id, _ = await company.claim(call_id)
    await lost(company.j, offer_id, "test")
    await company.j.performer.settle()
    company.rooms.fail = False
    await company.sql("UPDATE effects SET due_at = clock_timestamp()")
    await company.j.performer.sweep_once()
    assert [what[0] for what in company.rooms.done] == ["remove"]


async def test_a_call_that_gives_up_while_an_attendant_is_asked_stops_nobody_else(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT, seats=5)
    call_id = await company.call("+15550102")
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    assert await gave_up(company.j, call_id)
    assert await company.move() == 0
    other = await company.call("+15550199")
    assert await company.move() == 1
    _, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert answer.attendant.then_end, "the attendant that was asked says the last words"
    assert isinstance((await company.claim(other, SeatKind.ATTENDANT))[1], Claimed)


async def test_a_second_failure_while_an_attendant_is_only_asked_stops_nobody_else(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT, seats=5)
    await company.worker(seats=5)
    call_id, first = await company.talking()
    await left(company.j, first, "model failed")
    await company.move()
    second, _ = await company.claim(call_id)
    await suspected(company.j, second, "test")
    await company.move()
    await left(company.j, second, "model failed")
    assert await company.move() == 0
    await company.call("+15550199")
    assert await company.move() == 1


async def test_a_call_that_loses_its_agent_after_a_long_talk_waits_its_full_time_again(company: Company) -> None:
    await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp() WHERE gives_up_at IS NOT NULL")
    await company.sql("UPDATE offers SET accepted_at = accepted_at - interval '31 minutes'")
    await lost(company.j, offer_id, "test")
    assert await waiting.give_up_once(company.j) == 0
    await company.j.performer.settle()
    assert await company.move() == 1
    assert isinstance((await company.claim(call_id))[1], Claimed)


async def test_a_worker_whose_job_failed_is_asked_last_and_after_a_minute_like_any_other(company: Company) -> None:
    bad = await company.worker(seats=5)
    call_id = await company.call()
    await company.move()
    await left(company.j, await company.offer(call_id), "crashed before the claim")
    await company.j.performer.settle()
    good = await company.worker(seats=5)
    await company.move()
    assert (await company.offer_row(await company.offer(call_id)))["worker"] == good
    await company.sql("UPDATE workers SET last_failed_at = last_failed_at - interval '2 minutes'")
    assert await company.move() == 0
    next_call = await company.call()
    await company.move()
    assert (await company.offer_row(await company.offer(next_call)))["worker"] == bad, "it is the less loaded one"


async def test_an_attendant_that_fails_at_once_is_not_asked_again_at_once(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT, seats=5)
    call_id = await company.call("+15550199")
    assert await company.move() == 1
    await left(company.j, await company.offer(call_id, SeatKind.ATTENDANT), "crashed")
    assert await company.move() == 0
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    assert await company.move() == 1


async def test_one_call_that_cannot_be_ended_does_not_keep_others_from_their_end(company: Company) -> None:
    broken = await company.call("+15550102")
    fine = await company.call("+15550100")
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp()")
    await company.sql("ALTER TABLE queues DISABLE TRIGGER needed_by_calls")  # which refuses what comes now
    await company.sql("DELETE FROM queues WHERE name = 'back_office'")
    assert await waiting.give_up_once(company.j) == 1
    assert (await company.row(broken))["state"] == "ringing"
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp() WHERE call_id = :id", id=fine)
    await waiting.give_up_once(company.j)
    assert (await company.row(fine))["state"] == "ended"


async def test_a_rule_that_names_a_queue_that_is_gone_still_opens_the_call_with_a_sentence(company: Company) -> None:
    await company.sql("ALTER TABLE queues DISABLE TRIGGER needed_by_calls")  # which refuses what comes now
    await company.sql("DELETE FROM queues WHERE name = 'back_office'")
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call("+15550102")
    assert "there is no queue 'back_office'" in (await company.row(call_id))["trace"]
    assert await company.move() == 1


async def test_a_message_nobody_is_there_to_say_ends_the_call_after_a_while(company: Company) -> None:
    call_id = await company.call("+15550199")
    await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp() WHERE gives_up_at IS NOT NULL")
    assert await waiting.give_up_once(company.j) == 1
    assert (await company.row(call_id))["outcome"] == "failed"


async def test_an_attendant_cannot_end_a_call_that_an_agent_leads(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call()
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    held, _ = await company.claim(call_id, SeatKind.ATTENDANT)
    await company.worker()
    await company.move()
    await company.claim(call_id)
    assert not await said_goodbye(company.j, held, EndReason.MESSAGE_SAID)
    assert (await company.row(call_id))["state"] != "ended"


async def test_an_agent_whose_own_connection_broke_ends_no_call_but_is_replaced(company: Company) -> None:
    await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    await handle(company.j, DESK, CallerLeft(offer_id=offer_id, certain=False))
    assert (await company.row(call_id))["lead"] == "agent"
    await handle(company.j, DESK, Left(offer_id=offer_id, failure="its connection to the room broke"))
    assert (await company.row(call_id))["lead"] == "none"
    assert await company.move() == 1
    assert isinstance((await company.claim(call_id))[1], Claimed)


@pytest.mark.parametrize(
    ("presence", "outcome", "by"),
    [(Presence.LOST, "failed", "system"), (Presence.GONE, "abandoned", "caller")],
)
async def test_i1_a_caller_whom_the_media_server_does_not_hold_any_more_has_one_outcome(
    company: Company, presence: Presence, outcome: str, by: str
) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    company.rooms.presences[(await company.row(call_id))["caller_identity"]] = presence
    await handle(company.j, DESK, CallerLeft(offer_id=offer_id, certain=False))
    row = await company.row(call_id)
    assert (row["state"], row["outcome"], row["ended_by"]) == ("ended", outcome, by)


@pytest.mark.parametrize(("lost", "outcome", "by"), [(True, "failed", "system"), (False, "abandoned", "caller")])
async def test_a_leg_that_an_agent_saw_the_engine_lose_is_a_failed_call(
    company: Company, lost: bool, outcome: str, by: str
) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    await handle(company.j, DESK, CallerLeft(offer_id=offer_id, lost=lost))
    row = await company.row(call_id)
    assert (row["outcome"], row["ended_by"]) == (outcome, by)


async def test_a_media_server_that_cannot_be_asked_ends_no_call(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    company.rooms.fail = True
    with pytest.raises(ConnectionError):
        await handle(company.j, DESK, CallerLeft(offer_id=offer_id, certain=False))
    assert (await company.row(call_id))["lead"] == "agent"


async def test_a_leg_that_the_engine_lost_is_a_failed_call(company: Company) -> None:
    await company.worker()
    call_id, _ = await company.talking()
    assert await caller_left(company.j, (await company.row(call_id))["room"], by_fault=True)
    row = await company.row(call_id)
    assert (row["outcome"], row["ended_by"]) == ("failed", "system")


async def test_legs_of_a_livekit_sip_that_died_end_and_younger_ones_do_not(company: Company) -> None:
    await company.worker(seats=2)
    lost_id, _ = await company.talking()
    await company.sql("UPDATE calls SET arrived_at = arrived_at - interval '9 s'")
    young_id = await company.call(from_="+15551230002")
    assert await end_older(company.j, 5) == 1
    assert (await company.row(lost_id))["outcome"] == "failed"
    assert (await company.row(young_id))["state"] != "ended"


async def test_one_who_has_lost_the_call_ends_it_for_nobody(company: Company) -> None:
    await company.worker(seats=2)
    call_id, slept = await company.talking()
    await lost(company.j, slept, "test")
    await company.move()
    await company.claim(call_id)
    await handle(company.j, DESK, CallerLeft(offer_id=slept))
    row = await company.row(call_id)
    assert (row["state"] != "ended", row["lead"]) == (True, "agent")


def words(offer_id: str, speaker: Speaker, seq: int = 1) -> Segment:
    now = datetime.now(UTC)
    return Segment(offer_id=offer_id, speaker=speaker, seq=seq, text="hello", started_at=now, ended_at=now)


async def test_words_count_only_of_who_was_in_the_call_and_as_their_own(company: Company) -> None:
    await company.worker()
    call_id = await company.call()
    await company.move()
    offer_id = await company.offer(call_id)
    assert await said(company.j, words(offer_id, Speaker.CALLER)) is None, "it has not claimed the call"
    await company.claim(call_id)
    assert await said(company.j, words(offer_id, Speaker.SUPERVISOR)) is None
    assert await said(company.j, words(offer_id, Speaker.CALLER)) is not None
    assert await said(company.j, words(offer_id, Speaker.AGENT)) is not None


async def test_i7_an_agent_that_speaks_sends_an_attendant_away_whose_command_was_lost(company: Company) -> None:
    await company.worker()
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call()
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    await company.claim(call_id, SeatKind.ATTENDANT)
    offer_id, _ = await company.claim(call_id)
    commands = "SELECT payload->'message'->>'type' FROM effects WHERE kind = 'command' AND payload ? 'message'"
    assert "fade" not in await company.ids(commands)
    await said(company.j, words(offer_id, Speaker.AGENT))
    assert (await company.ids(commands)).count("fade") == 1
