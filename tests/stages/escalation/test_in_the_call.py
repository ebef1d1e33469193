"""A supervisor in a call: who leads, who hears, and what is written of it (I6)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.journey import escalated, left, said, switched, whispered
from callcenter.journey.escalated import Ask
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Claimed, EndReason, Segment
from callcenter.stages.escalation.model import Mode, Trigger
from tests.journey.company import Company
from tests.stages.escalation.in_call import leading, talking, told
from tests.stages.escalation.supervisors import KIM, SAM, Supervisors

pytestmark = pytest.mark.postgres


async def test_ask_accept_come_lead_and_hand_back(company: Company, supervisors: Supervisors) -> None:
    call_id, offer_id = await talking(company)
    escalation = await supervisors.asked(offer_id)
    seat = await supervisors.accepts(escalation)
    assert (await company.row(call_id))["lead"] == "agent", "until the supervisor is in the room"
    assert await supervisors.comes(seat)
    assert not await supervisors.comes(seat), "told twice"
    row = await company.row(call_id)
    assert (row["lead"], row["state"]) == ("supervisor", "talking")
    assert await supervisors.stand(escalation) == "leading"
    assert await told(company, offer_id) == [f"supervisor {row['lead_epoch']} -"]
    await supervisors.hands_back(call_id, epoch=row["lead_epoch"])
    assert (await company.row(call_id))["lead"] == "agent"
    assert await supervisors.stand(escalation) == "handed_back"
    assert (await told(company, offer_id))[1:] == [f"agent {row['lead_epoch'] + 1} handed_back"]
    wanted = [
        "escalation_requested", "escalation_accepted", "supervisor_joined", "lead_changed", "handed_back",
        "lead_changed",
    ]  # fmt: skip
    events = await company.events(call_id)
    assert [event for event in events[events.index("escalation_requested") :] if event in wanted] == wanted
    assert await company.ids("SELECT kind || ' ' || (left_at IS NULL) FROM legs WHERE kind = 'supervisor'") == [
        "supervisor true"
    ]


async def test_late_commands_are_fenced_by_the_epoch(company: Company, supervisors: Supervisors) -> None:
    call_id, offer_id, _ = await leading(company, supervisors)
    with pytest.raises(switched.LeadMoved):
        await supervisors.hands_back(call_id, epoch=0)
    assert not await left.said_goodbye(company.j, offer_id, EndReason.GOODBYE), "the agent does not lead"
    assert (await company.row(call_id))["lead"] == "supervisor"


async def test_exactly_one_leads_of_any_number(company: Company, supervisors: Supervisors) -> None:
    call_id, _, _ = await leading(company, supervisors)
    kim = await supervisors.steps_in(call_id, KIM, Mode.MONITOR)
    await supervisors.comes(kim)
    await supervisors.switches(call_id, Mode.TAKE_OVER, KIM)
    modes = "SELECT u.name || ' ' || s.mode FROM supervisions s JOIN users u ON u.id = s.user_id ORDER BY u.name"
    assert await company.ids(modes) == ["Kim take_over", "Sam barge"]
    with pytest.raises(switched.NotInCall):
        await supervisors.hands_back(call_id, "admin@demo.test")
    await supervisors.hands_back(call_id, KIM)
    assert (await company.row(call_id))["lead"] == "agent"


async def test_modes_are_told_to_the_media_server(company: Company, supervisors: Supervisors) -> None:
    call_id, offer_id = await talking(company)
    seat = await supervisors.steps_in(call_id, mode=Mode.MONITOR)
    await supervisors.comes(seat)
    for mode, heard in ((Mode.BARGE, "heard"), (Mode.WHISPER, "unheard"), (Mode.TAKE_OVER, "heard")):
        await supervisors.switches(call_id, mode)
        assert company.rooms.done[-1] == ("supervise", seat.room, seat.identity, heard)
    assert [line.split()[0] for line in await told(company, offer_id)] == ["agent", "agent", "agent", "supervisor"]
    assert await company.ids("SELECT change FROM audit_entries WHERE thing = 'supervision' ORDER BY id") == [
        "created", "changed", "changed", "changed",
    ]  # fmt: skip


async def test_nobody_speaks_into_a_call_that_nobody_has_answered(company: Company, supervisors: Supervisors) -> None:
    call_id = await company.call()
    with pytest.raises(switched.NobodyTalks):
        await supervisors.steps_in(call_id, mode=Mode.BARGE)
    assert (await supervisors.steps_in(call_id)).mode is Mode.MONITOR


async def test_what_is_done_in_a_call_is_in_the_audit(company: Company, supervisors: Supervisors) -> None:
    call_id, _, seat = await leading(company, supervisors)
    sam = await supervisors.person(SAM)
    author = supervisors.author(sam)
    await supervisors.hands_back(call_id)
    whisper = await whispered.whispered(company.j, call_id, sam, author, "offer a refund")
    asked = await escalated.escalated(company.j, call_id, Ask(Trigger.API, "wants a person"), author)
    entries = await company.ids(
        "SELECT who || ' ' || thing || ' ' || name || ' ' || change || ' ' || after::text FROM audit_entries "
        "WHERE thing IN ('supervision', 'call') ORDER BY id"
    )
    handed = json.dumps({"mode": "monitor", "call_id": call_id, "handed_back": True})
    assert entries[1:] == [
        f"{SAM} supervision {seat.supervision_id} changed {handed}",
        f"{SAM} call {call_id} changed {json.dumps({'whisper_id': whisper})}",
        f"{SAM} call {call_id} changed {json.dumps({'escalation_id': asked})}",
    ]


async def test_the_words_of_each_supervisor_have_numbers_of_their_own(
    company: Company, supervisors: Supervisors
) -> None:
    """I5"""
    call_id, offer_id, sam = await leading(company, supervisors)
    kim = await supervisors.steps_in(call_id, KIM, Mode.BARGE)
    now = datetime.now(UTC)

    def words(identity: str, seq: int) -> Segment:
        return Segment(
            offer_id=offer_id, speaker=Speaker.SUPERVISOR, seq=seq, text=f"{identity} {seq}", identity=identity,
            started_at=now + timedelta(seconds=seq), ended_at=now + timedelta(seconds=seq),
        )  # fmt: skip

    assert await said.said(company.j, words(kim.identity, 1)) is None, "it is not known that she is there"
    await supervisors.comes(kim)
    for segment in (words(sam.identity, 1), words(kim.identity, 1), words(sam.identity, 2)):
        ack = await said.said(company.j, segment)
        assert ack is not None
        assert (ack.seq, ack.identity) == (segment.seq, segment.identity)
    stored = await company.ids("SELECT text FROM segments ORDER BY text")
    assert stored == sorted([f"{sam.identity} 1", f"{kim.identity} 1", f"{sam.identity} 2"])


async def test_a_whisper_reaches_the_agent_and_its_successor_and_is_acknowledged(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, offer_id = await talking(company)
    sam = await supervisors.person(SAM)
    whisper = await whispered.whispered(company.j, call_id, sam, supervisors.author(sam), "offer a refund")
    assert await company.ids(
        f"SELECT payload -> 'message' ->> 'text' FROM effects WHERE address = '{offer_id}'"
    ) == ["offer a refund"]  # fmt: skip
    await whispered.whisper_heard(company.j, offer_id, whisper, "I will offer a refund.")
    assert (await company.events(call_id))[-2:] == ["whispered", "whisper_heard"]
    await left.lost(company.j, offer_id, "killed", job_gone=True)
    await company.j.performer.settle()
    await company.move()
    _, answer = await company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert answer.agent is not None
    assert answer.agent.whispers == ("offer a refund",)
