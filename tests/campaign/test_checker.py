"""The checker finds each kind of violation in made-up histories, and none in a good one."""

from typing import Any

import pytest

from tests.campaign import silence
from tests.campaign.checker import check, shared_seats
from tests.campaign.history import (
    CallHistory,
    FaultHistory,
    Hook,
    Offer,
    PhoneHistory,
    Said,
    Stored,
    Turn,
    timeline_in_words,
)
from tests.campaign.phrases import GOODBYE, GREETING
from tests.campaign.plan import NONE

pytestmark = pytest.mark.pure

DELIVERY = "Delivery takes two to three working days."
BYE = "thank you goodbye"
ASKED = "how long does delivery take"
NOBODY = FaultHistory(NONE, 0.0, 0.0, hit=False)
ROOM = "call-1"


def killed(at: float, name: str = "job killed", touched: list[str] | None = None) -> FaultHistory:
    return FaultHistory(name, at, at, touched)


def heard(sentence: str, started_at: float, ended_at: float) -> Turn:
    return Turn(started_at, ended_at, seems_whole=True, heard=[sentence])


def good() -> CallHistory:
    """Rings at 100, is answered at 101, greeting, one question, goodbye, our BYE at 119."""
    phone = PhoneHistory(
        "talks", "+15550100", "sip-1", 100.0, 100.1, 101.0, 119.0, "remote", 200, 118.6,
        [Said(ASKED, ASKED, DELIVERY, 106.0, 108.0), Said(BYE, BYE, GOODBYE, 113.5, 115.0)],
        [heard(GREETING, 101.5, 105.0), heard(DELIVERY, 108.8, 112.5), heard(GOODBYE, 115.8, 118.6)],
        [(101.0, 101.5), (105.0, 108.8), (112.5, 115.8), (118.6, 119.0)],
    )  # fmt: skip
    hooks = [
        Hook(100.2, "participant_joined", ROOM, "sip_1", "sip-1"),
        Hook(101.2, "track_published", ROOM, "agent-a", track="TR_a", audio=True),
        Hook(119.0, "participant_left", ROOM, "agent-a"),
        Hook(119.1, "room_finished", ROOM),
    ]
    said = [
        ("agent", GREETING),
        ("caller", ASKED),
        ("agent", DELIVERY),
        ("caller", "Thank you, goodbye."),
        ("agent", GOODBYE),
    ]
    legs = {"agent": 0, "caller": 0}
    segments: list[dict[str, Any]] = []
    for speaker, text in said:
        legs[speaker] += 1
        segments.append({"offer_id": "a", "leg_id": speaker, "seq": legs[speaker], "speaker": speaker, "text": text})
    offers = [Offer("a", "agent", "w1", "ended", 1, 100.3, 100.9, 119.0, 119.5)]
    return CallHistory(phone, hooks, Stored([record()], timeline(), segments, offers))


def record() -> dict[str, Any]:
    return {
        "id": "c1",
        "state": "ended",
        "outcome": "completed",
        "arrived_at": "1970-01-01T00:01:40Z",
        "ended_at": None,
    }


def timeline() -> list[dict[str, Any]]:
    return [
        {"type": "call_arrived", "at": "1970-01-01T00:01:40Z", "summary": "A call"},
        {"type": "call_ended", "at": "1970-01-01T00:01:59Z", "summary": "The end"},
    ]


def found(call: CallHistory, fault: FaultHistory = NOBODY) -> list[str]:
    return [violation.invariant for violation in check(call, fault)]


def test_a_good_call_breaks_nothing() -> None:
    assert check(good(), NOBODY) == []


def test_i1_no_record_or_two_for_one_invite() -> None:
    lost, double = good(), good()
    lost.stored = Stored()
    double.stored.records.append({**record(), "id": "c2"})
    assert "I1" in found(lost)
    assert found(double) == ["I1"]


def test_i1_a_call_that_does_not_end_or_ends_twice_or_has_no_outcome() -> None:
    open_, twice, bare = good(), good(), good()
    open_.stored.records[0]["state"] = "talking"
    twice.stored.timeline.append(twice.stored.timeline[-1])
    bare.stored.records[0]["outcome"] = None
    assert [found(call) for call in (open_, twice, bare)] == [["I1"], ["I1"], ["I1"]]


def test_i1_a_call_nobody_answers_unless_the_caller_gave_up_or_the_bus_was_away() -> None:
    call = good()
    call.phone.answered_at, call.phone.status, call.phone.turns, call.phone.said = None, 486, [], []
    assert found(call) == ["I1"]
    assert found(call, FaultHistory("redis restarted", 99.0, 102.0)) == []
    call.phone.script = "hangs up while it rings"
    assert found(call) == []


def test_i1_our_bye_without_a_last_sentence() -> None:
    call = good()
    call.stored.segments = call.stored.segments[:-1]
    call.phone.turns.pop()
    assert "I1" in found(call)


def test_i1_our_bye_long_after_the_last_sound() -> None:
    call = good()
    call.phone.ended_at = 125.0
    call.stored.offers[0].released_at = 125.0
    assert found(call) == ["I1"]


def test_i2_two_live_offers_of_one_kind_and_two_calls_on_one_seat() -> None:
    call = good()
    second = Offer("b", "agent", "w2", "ended", 1, 110.0, 110.5, 119.0, 119.2)
    call.stored.offers.append(second)
    assert found(call) == ["I2"]
    assert len(list(shared_seats(call.stored.offers))) == 1
    second.kind = "attendant"
    second.seat_id = 7
    assert found(call) == []
    assert list(shared_seats(call.stored.offers)) == []


def test_i3_a_seat_that_is_free_late_or_never_unless_a_fault_held_it() -> None:
    late, never = good(), good()
    late.stored.offers[0].released_at = 124.1
    never.stored.offers[0].released_at = None
    assert found(late) == found(never) == ["I3"]
    assert found(late, FaultHistory("api stopped", 118.0, 121.0)) == []
    assert found(late, FaultHistory("api stopped", 105.0, 110.0)) == ["I3"]


def test_i4_two_agents_with_a_published_track_at_once() -> None:
    call = good()
    call.hooks.append(Hook(118.0, "track_published", ROOM, "agent-b", track="TR_b", audio=True))
    assert found(call) == ["I4"]
    call.hooks[-1].identity = "attendant-b"
    assert found(call) == []


def test_i4_one_agent_after_the_other_is_as_it_should_be() -> None:
    call = good()
    call.hooks += [
        Hook(110.0, "track_unpublished", ROOM, "agent-a", track="TR_a"),
        Hook(111.0, "track_published", ROOM, "agent-b", track="TR_b", audio=True),
    ]
    assert found(call) == []


@pytest.mark.parametrize("seqs", [[1, 3, 4], [1, 2, 2], [2, 3, 4]])
def test_i5_a_gap_a_double_or_a_late_start_in_the_numbers(seqs: list[int]) -> None:
    call = good()
    for segment, seq in zip((s for s in call.stored.segments if s["speaker"] == "agent"), seqs, strict=True):
        segment["seq"] = seq
    assert found(call) == ["I5"]


def test_i5_an_answered_sentence_of_the_caller_is_lost() -> None:
    call = good()
    call.stored.segments[1]["text"] = "hello"
    assert found(call) == ["I5"]
    call.phone.turns[1].heard = []
    assert found(call) == [], "nobody answered it, so nobody need have heard it"


def test_i5_what_the_caller_heard_is_lost_unless_its_speaker_died_with_it() -> None:
    call = good()
    call.stored.segments[2]["text"] = "Delivery takes"
    assert found(call) == ["I5"]
    assert found(call, killed(112.8)) == []
    assert found(call, killed(114.5)) == ["I5"], "it had the time to report it"
    assert found(call, killed(112.8, touched=["another call"])) == ["I5"]


def test_i7_silence_while_the_caller_awaits_the_answer() -> None:
    call = good()
    call.phone.turns[1].started_at = 110.2
    call.phone.silences[1] = (105.0, 110.2)
    assert found(call) == ["I7"]


def test_i7_silence_after_the_answer_to_the_invite() -> None:
    call = good()
    call.phone.turns[0].started_at, call.phone.silences[0] = 103.2, (101.0, 103.2)
    assert found(call) == ["I7"]


def test_i7_the_callers_own_pause_is_not_counted_but_a_turn_cut_short_is_no_such_pause() -> None:
    call = good()
    call.phone.silences[1] = (102.0, 105.9)
    call.phone.turns[0].ended_at = 102.0
    assert found(call) == []
    call.phone.turns[0].seems_whole, call.phone.turns[0].heard = False, []
    assert found(call) == ["I7"]


@pytest.mark.parametrize(("name", "seconds"), [("job killed", 3.0), ("job stopped", 5.0), ("api killed", 2.0)])
def test_i7_the_limit_is_that_of_the_fault(name: str, seconds: float) -> None:
    call = good()
    for length, expected in ((seconds - 0.1, []), (seconds + 0.1, ["I7"])):
        call.phone.turns[0].seems_whole, call.phone.turns[0].heard = False, []
        call.phone.said[0].started_at = 108.0
        call.phone.turns[0].ended_at = 102.0
        call.phone.silences[1] = (102.0, 102.0 + length)
        assert found(call, killed(102.0, name)) == expected
        assert silence.recovery(call.phone, "c1", killed(102.0, name)) == pytest.approx(length)


def test_i7_a_fault_excuses_only_the_calls_it_touched_and_only_for_a_while() -> None:
    call = good()
    call.phone.turns[1].started_at, call.phone.silences[1] = 110.5, (105.0, 110.5)
    assert found(call, killed(107.0)) == []
    assert silence.recovery(call.phone, "c1", killed(109.0)) == pytest.approx(1.5), "it counts from the fault on"
    assert found(call, killed(107.0, touched=["another call"])) == ["I7"]
    assert found(call, killed(90.0)) == ["I7"]


def test_a_phones_trouble_is_a_finding() -> None:
    call = good()
    call.phone.errors.append("TimeoutError: heard no sound")
    assert found(call) == ["phone"]


def test_recovery_is_none_for_a_call_the_fault_did_not_meet() -> None:
    assert silence.recovery(good().phone, "c1", killed(300.0)) is None
    assert silence.recovery(good().phone, "c1", killed(110.0, touched=["another"])) is None
    assert silence.recovery(good().phone, "c1", NOBODY) is None


def test_the_timeline_tells_what_the_phone_and_the_database_saw_in_one_order() -> None:
    lines = timeline_in_words(good().stored, good().phone)
    assert [line.split("s  ", 1)[1].split(":")[0] for line in lines[:3]] == [
        "call_arrived",
        "PHONE ringing",
        "PHONE answered",
    ]
    assert lines == sorted(lines, key=lambda line: float(line.split(" s ", 1)[0]))
