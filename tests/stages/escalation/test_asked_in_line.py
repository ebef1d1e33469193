"""A caller who waits in line asks for a person."""

from datetime import UTC, datetime

import pytest

from callcenter.journey import answered
from callcenter.journey.chose import chose
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.asking import Announce
from callcenter.platform.wire.base import SeatKind
from tests.journey.company import Company, commands
from tests.stages.escalation.humans import (
    escalation_of,
)
from tests.stages.escalation.supervisors import SAM, Supervisors

pytestmark = pytest.mark.postgres


async def in_line(company: Company) -> tuple[CallId, OfferId, str]:
    """A caller whom an attendant keeps company in a line that nobody serves, and whose key 0 asks for a person."""
    worker = await company.worker(SeatKind.ATTENDANT)
    person = '{"0": {"name": "A person", "then": "person"}}'
    await company.sql("UPDATE queues SET body = jsonb_set(body, '{keys}', CAST(:keys AS jsonb))", keys=person)
    call_id = await company.call("+15550102")
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp()")
    await company.move()
    offer_id, _ = await company.claim(call_id, SeatKind.ATTENDANT)
    await answered.answered(company.j, offer_id, datetime.now(UTC))
    return call_id, offer_id, worker


async def test_who_asks_for_a_person_in_line_is_asked_for_and_a_supervisor_takes_the_call(
    company: Company, supervisors: Supervisors
) -> None:
    await supervisors.stands(SAM)
    call_id, offer_id, _ = await in_line(company)
    answer = await chose(company.j, offer_id, 0, "0")
    assert isinstance(answer, Announce)
    assert answer.texts == ("I am asking a colleague to join us. Please stay on the line.",)
    assert await chose(company.j, offer_id, 0, "0") is None, "nobody is asked for twice"
    await supervisors.seek()
    assert await supervisors.rings_at() == [SAM]
    await supervisors.comes(await supervisors.accepts(await escalation_of(company, call_id)))
    assert (await company.row(call_id))["lead"] == "supervisor"


async def test_who_asked_for_a_person_in_line_hears_that_none_comes_and_has_their_place(
    company: Company, supervisors: Supervisors
) -> None:
    await supervisors.stands(SAM)
    call_id, offer_id, worker = await in_line(company)
    before = await company.ids("SELECT entered_at FROM waiting_entries")
    await chose(company.j, offer_id, 0, "0")
    await supervisors.seek()
    await supervisors.declines(await escalation_of(company, call_id))
    await supervisors.seek()
    texts = await company.ids("SELECT payload #>> '{message,texts,0}' FROM effects WHERE kind = 'command' ORDER BY id")
    assert "none of our people" in texts[-1]
    assert [kind for kind, _ in await commands(company, worker)][-2:] == ["new_plan", "announce"]
    assert await company.ids("SELECT entered_at FROM waiting_entries WHERE treatment IS NULL") == before
    await company.worker(skills=("back-office",))
    await company.move()
    await company.offer(call_id)
