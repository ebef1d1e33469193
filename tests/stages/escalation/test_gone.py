"""Somebody is gone from a call with supervisors in it: one of them, their console, the agent, the caller (I6)."""

import pytest

from callcenter.journey import arrived, left, took_part
from callcenter.platform.plumbing.livekit_rooms import Participant, Presence
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.brief import AgentBrief
from callcenter.platform.wire.messages import Claimed
from callcenter.stages.escalation import loop
from callcenter.stages.escalation.model import Mode
from tests.journey.company import Company
from tests.stages.arrival.test_reconcile import LiveRooms, look
from tests.stages.escalation.humans import speaks
from tests.stages.escalation.in_call import leading, told
from tests.stages.escalation.supervisors import SAM, Supervisors

pytestmark = pytest.mark.postgres


async def test_a_dead_console_gives_the_lead_back_and_rejoining_restores_the_mode(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, offer_id, seat = await leading(company, supervisors)
    await company.sql("UPDATE supervisions SET beat_at = clock_timestamp() - interval '1 s'")
    assert await loop.watch_once(company.j, company.rooms) == 0
    await company.sql("UPDATE supervisions SET beat_at = clock_timestamp() - interval '4 s'")
    assert await loop.watch_once(company.j, company.rooms) == 1
    await company.j.performer.settle()
    assert (await company.row(call_id))["lead"] == "agent"
    assert (await told(company, offer_id))[-1].endswith("left")
    assert ("remove", seat.room, seat.identity) in company.rooms.done
    again = await supervisors.steps_in(call_id)
    assert again.mode is Mode.TAKE_OVER
    assert again.identity != seat.identity
    await supervisors.comes(again)
    assert (await company.row(call_id))["lead"] == "supervisor"


async def test_a_closed_console_is_given_two_seconds(company: Company, supervisors: Supervisors) -> None:
    call_id, _, _ = await leading(company, supervisors)
    await company.sql("UPDATE supervisions SET beat_at = clock_timestamp(), line_closed_at = clock_timestamp()")
    assert await loop.watch_once(company.j, company.rooms) == 0
    await company.sql("UPDATE supervisions SET line_closed_at = clock_timestamp() - interval '2 s'")
    assert await loop.watch_once(company.j, company.rooms) == 1
    assert (await company.row(call_id))["lead"] == "agent"


@pytest.mark.parametrize(
    ("beat", "closed", "taken_for_gone"),
    [
        ("NULL", "NULL", True),
        ("1 s", "NULL", False),
        ("5 s", "NULL", True),
        ("1 s", "1 s", False),
        ("1 s", "3 s", True),
    ],
)
async def test_who_leaves_the_room_while_their_console_lives_may_be_back(
    company: Company, supervisors: Supervisors, beat: str, closed: str, taken_for_gone: bool
) -> None:
    """A media connection that is made anew, or a page that is loaded again, is no leaving."""
    call_id, _, seat = await leading(company, supervisors)
    ago = {
        name: f"clock_timestamp() - interval '{at}'" if at != "NULL" else at
        for name, at in (("b", beat), ("c", closed))
    }
    await company.sql(f"UPDATE supervisions SET beat_at = {ago['b']}, line_closed_at = {ago['c']}")
    assert await took_part.out_of_sight(company.j, seat.supervision_id) is taken_for_gone
    assert (await company.row(call_id))["lead"] == ("agent" if taken_for_gone else "supervisor")


async def test_who_is_not_in_the_room_at_two_looks_is_gone_though_their_console_lives(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, _, seat = await leading(company, supervisors)
    company.rooms.presences[seat.identity] = Presence.GONE
    missed: dict[str, float] = {}
    for changed in (0, 1):
        await company.sql(
            "UPDATE supervisions SET beat_at = clock_timestamp(), looked_at = clock_timestamp() - interval '2 s'"
        )
        assert await loop.watch_once(company.j, company.rooms, missed) == changed
    assert (await company.row(call_id))["lead"] == "agent"


@pytest.mark.parametrize("change", ["disabled_at = clock_timestamp()", "role = 'analyst'"])
async def test_who_may_supervise_no_more_is_put_out_though_their_console_beats(
    company: Company, supervisors: Supervisors, change: str
) -> None:
    call_id, offer_id, seat = await leading(company, supervisors)
    await company.sql("UPDATE supervisions SET beat_at = clock_timestamp()")
    await company.sql(f"UPDATE users SET {change} WHERE email = '{SAM}'")
    assert await loop.watch_once(company.j, company.rooms) == 1
    await company.j.performer.settle()
    assert ("remove", seat.room, seat.identity) in company.rooms.done
    assert (await company.row(call_id))["lead"] == "agent"
    assert (await told(company, offer_id))[-1].endswith("left")
    assert await company.ids("SELECT because FROM supervisions") == ["they may not supervise any more"]


async def test_an_agent_that_dies_under_a_leading_human_is_followed_by_one_that_only_listens(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, offer_id, _ = await leading(company, supervisors)
    await left.lost(company.j, offer_id, "killed", job_gone=True)
    assert (await company.row(call_id))["lead"] == "supervisor"
    await company.j.performer.settle()
    assert await company.move() == 1
    successor, answer = await company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert isinstance(answer.agent, AgentBrief)
    assert answer.agent.led_by_human
    row = await company.row(call_id)
    assert (row["lead"], row["state"]) == ("supervisor", "talking")
    assert await company.ids("SELECT id FROM offers WHERE kind = 'attendant'") == []
    await supervisors.hands_back(call_id)
    assert (await told(company, successor))[-1].endswith("handed_back")


async def test_a_supervisor_who_goes_when_no_agent_is_there_leaves_the_caller_to_an_attendant(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, offer_id, seat = await leading(company, supervisors)
    await company.worker(SeatKind.ATTENDANT)
    await left.lost(company.j, offer_id, "killed")
    await took_part.gone(company.j, seat.supervision_id, "they left")
    row = await company.row(call_id)
    assert (row["lead"], row["state"]) == ("none", "waiting")
    await company.move()
    assert len(await company.ids("SELECT id FROM offers WHERE kind = 'attendant'")) == 1
    assert await company.ids("SELECT state FROM waiting_entries WHERE gives_up_at IS NOT NULL") == ["waiting"]


async def test_the_end_of_the_call_frees_everybody(company: Company, supervisors: Supervisors) -> None:
    call_id, _, seat = await leading(company, supervisors)
    await arrived.caller_left(company.j, seat.room)
    assert await company.ids("SELECT state FROM supervisions") == ["left"]
    assert await company.ids("SELECT state || coalesce(failure, '') FROM escalations") == ["closed"]
    assert (await company.row(call_id))["outcome"] == "completed"
    await company.j.performer.settle()
    company.rooms.done.clear()
    assert not await took_part.came(company.j, seat.identity)
    await company.j.performer.settle()
    assert company.rooms.done == [("remove", seat.room, seat.identity)], "who comes after the end is put out"


async def test_who_left_and_comes_again_with_the_same_token_is_put_out_without_a_webhook(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, _, seat = await leading(company, supervisors)
    present = [Participant((await company.row(call_id))["caller_identity"], True, {})]
    live = LiveRooms({seat.room: [*present, Participant(seat.identity, False, {})]})
    await look(company, live)
    await supervisors.leaves(call_id)
    await company.j.performer.settle()
    put_out = ("remove", seat.room, seat.identity)
    assert company.rooms.done.count(put_out) == 1, "that they came was right"
    await look(company, live)
    await company.j.performer.settle()
    assert company.rooms.done.count(put_out) == 2


@pytest.mark.parametrize(
    ("language", "own", "hears"),
    [
        ("en", {}, "I am sorry, my colleague has left the line."),
        ("de", {}, "Leider ist die Verbindung zu meinem Kollegen abgebrochen."),
        ("de", {"left": "Mein Kollege ist nicht mehr da."}, "Mein Kollege ist nicht mehr da."),
        ("fr", {"left": "Mon collègue est parti."}, "Mon collègue est parti."),
    ],
)
async def test_the_caller_hears_in_their_language_that_who_led_is_gone(
    company: Company, supervisors: Supervisors, language: str, own: dict[str, str], hears: str
) -> None:
    await speaks(company, language, **own)
    _, offer_id, seat = await leading(company, supervisors)
    assert await took_part.gone(company.j, seat.supervision_id, "they left the room")
    (*_, last) = await company.ids(
        "SELECT payload -> 'message' ->> 'sentence' FROM effects "
        f"WHERE address = '{offer_id}' AND payload -> 'message' ->> 'type' = 'supervised' ORDER BY id"
    )
    assert last.startswith(hears)
