"""What the agent notes for the human who leads, and what the human notes: stored, told to the console, over HTTP."""

from typing import Any

import pytest

from callcenter.journey.assisted import assisted, filled, fresh
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.brief import NamedField
from callcenter.platform.wire.supervision import Assistance
from callcenter.records.notes import store as notes
from callcenter.setup.entries import store as entries
from callcenter.setup.profiles.store import PROFILES
from tests.journey.company import Company
from tests.stages.escalation.in_call import talking
from tests.stages.escalation.office import Office
from tests.stages.escalation.supervisors import Supervisors


@pytest.mark.pure
def test_fields_are_those_of_the_profile_and_are_not_emptied_again() -> None:
    known = {"who": "Eve"}
    assert filled(known, {"who": "", "what": " a parcel ", "secret": "x"}, ["who", "what", "where"]) == {
        "who": "Eve", "what": "a parcel",
    }  # fmt: skip


@pytest.mark.pure
def test_a_suggestion_is_made_once() -> None:
    assert fresh(["a"], ["a", " b ", "b", ""]) == ["b"]


async def with_fields(company: Company, *names: str) -> None:
    async with company.j.db.transaction() as tx:
        entry = await entries.find(tx, PROFILES, "shop", lock=True)
        assert entry is not None
        body = entry.body.model_copy(update={"fields": tuple(NamedField(name=name) for name in names)})
        await entries.update(tx, PROFILES, "shop", body)


async def notes_of(company: Company, offer_id: OfferId, **what: Any) -> bool:
    return await assisted(company.j, Assistance(offer_id=offer_id, **what))


@pytest.mark.postgres
async def test_what_the_agent_notes_is_kept_and_told_when_it_is_new(company: Company) -> None:
    await with_fields(company, "who", "what")
    call_id, offer_id = await talking(company)
    first = {"fields": {"who": "Eve", "other": "x"}, "summary": "A parcel.", "suggestions": ("Send it again.",)}
    assert await notes_of(company, offer_id, **first)
    assert not await notes_of(company, offer_id, **first), "nothing new"
    assert await notes_of(company, offer_id, fields={"what": "a parcel"}, suggestions=("Send it again.", "Refund."))
    async with company.j.db.transaction() as tx:
        kept = await notes.of_call(tx, call_id)
    assert kept == notes.Noted({"who": "Eve", "what": "a parcel"}, "A parcel.", ("Send it again.", "Refund."))
    told = "SELECT data -> 'suggestions' FROM timeline_events WHERE type = 'assisted' ORDER BY seq"
    assert await company.ids(told) == ["['Send it again.']", "['Refund.']"]


@pytest.mark.postgres
async def test_an_agent_that_is_not_in_the_call_any_more_notes_nothing(company: Company) -> None:
    _, offer_id = await talking(company)
    await company.sql("UPDATE offers SET state = 'lost', ended_at = clock_timestamp()")
    assert not await notes_of(company, offer_id, summary="late")


@pytest.mark.postgres
async def test_a_supervisor_reads_the_notes_and_says_how_the_call_went(office: Office, company: Company) -> None:
    call_id, offer_id = await talking(company)
    await notes_of(company, offer_id, summary="A parcel.", suggestions=("Send it again.",))
    path = f"/api/calls/{call_id}/notes"
    read = await office.get(path)
    assert (read["summary"], read["suggestions"], read["disposition"]) == ("A parcel.", ["Send it again."], None)
    wrong = await office.put(path, disposition="Nonsense")
    assert wrong.status_code == 422
    assert "one of Solved, To be called back" in wrong.text
    written = await office.put(path, disposition="Solved", notes="Sent again.")
    assert written.status_code == 200
    read = await office.get(path)
    assert (read["summary"], read["disposition"], read["notes"]) == ("A parcel.", "Solved", "Sent again.")
    assert (await company.events(call_id))[-1] == "call_noted"


@pytest.mark.postgres
async def test_a_successor_is_told_which_fields_to_fill(company: Company, supervisors: Supervisors) -> None:
    await with_fields(company, "who")
    await company.worker()
    call_id = await company.call()
    await company.move()
    _, answer = await company.claim(call_id)
    assert getattr(answer, "agent").fields == (NamedField(name="who"),)  # noqa: B009
