"""A supervisor ends a call from the desk."""

import pytest

from callcenter.journey.hung_up import CallIsOver, NoCallToEnd, hung_up
from callcenter.journey.left import left
from callcenter.platform.plumbing.ids import CallId, new_id
from callcenter.platform.wire.base import SeatKind
from callcenter.setup.audit.rules import Author
from tests.journey.company import Company, commands

pytestmark = pytest.mark.postgres

SAM = Author("user:sam", "sam@demo.test")


async def end(company: Company, call_id: CallId) -> None:
    await hung_up(company.j, call_id, SAM, SAM.actor)


async def test_a_call_with_an_agent_ends_by_the_supervisor_and_its_seat_comes_free(company: Company) -> None:
    """I3."""
    await company.worker()
    call_id, offer_id = await company.talking()
    await company.sql("UPDATE calls SET answered_at = clock_timestamp() WHERE id = :id", id=call_id)
    await end(company, call_id)
    row = await company.row(call_id)
    assert (row["state"], row["outcome"], row["ended_by"]) == ("ended", "completed", "supervisor")
    assert (await company.offer_row(offer_id))["state"] == "ended"
    assert [kind for kind, _ in await commands(company, offer_id)] == ["leave"]
    await left(company.j, offer_id, None)
    assert await company.busy_seats() == 0
    await company.j.performer.settle()
    assert ("delete", row["room"]) in company.rooms.done
    (event,) = await company.ids(
        f"SELECT actor FROM timeline_events WHERE type = 'call_ended' AND call_id = '{call_id}'"
    )
    assert event == SAM.actor


async def test_a_call_that_only_waited_was_abandoned(company: Company) -> None:
    await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call()
    await end(company, call_id)
    assert (await company.row(call_id))["outcome"] == "abandoned"
    assert await company.ids("SELECT count(*) FROM waiting_entries WHERE state = 'waiting'") == ["0"]


async def test_who_ended_it_stands_in_the_audit_once(company: Company) -> None:
    call_id = await company.call()
    await end(company, call_id)
    with pytest.raises(CallIsOver):
        await end(company, call_id)
    found = await company.ids("SELECT concat_ws(' ', who, change, thing, name) FROM audit_entries WHERE thing = 'call'")
    assert found == [f"sam@demo.test ended call {call_id}"]


async def test_a_call_that_never_was_is_not_found(company: Company) -> None:
    with pytest.raises(NoCallToEnd):
        await end(company, CallId(new_id()))
