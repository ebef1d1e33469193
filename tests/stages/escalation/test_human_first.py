"""Human first: supervisors are asked before any agent, and the agent listens to the one who takes the call."""

import pytest

from callcenter.journey import arrived, suspected, took_part
from callcenter.platform.wire.messages import Claimed
from callcenter.stages.escalation.model import Mode
from tests.journey.company import Company, commands
from tests.stages.escalation.humans import HUMAN_FIRST, agents_offered, company_keeps, escalation_of, listens, told
from tests.stages.escalation.supervisors import KIM, SAM, Supervisors

pytestmark = pytest.mark.postgres


async def test_a_supervisor_takes_the_call_and_an_agent_comes_to_listen(
    company: Company, supervisors: Supervisors
) -> None:
    await supervisors.stands(SAM)
    call_id, worker = await company_keeps(company)
    assert await agents_offered(company) == [], "agents are kept for what follows"
    escalation = await escalation_of(company, call_id)
    await supervisors.seek()
    assert await supervisors.rings_at() == [SAM]
    seat = await supervisors.accepts(escalation)
    listener, brief = await listens(company, call_id)
    assert brief.led_by_human, "it comes without a sound, and before the first words"
    row = await company.row(call_id)
    assert (row["lead"], row["state"]) == ("attendant", "waiting")
    assert "fade" not in [kind for kind, _ in await commands(company, worker)], "the music plays on"

    assert await supervisors.comes(seat)
    row = await company.row(call_id)
    assert (row["lead"], row["state"]) == ("supervisor", "talking")
    assert "fade" in [kind for kind, _ in await commands(company, worker)], "the music ends"
    await company.move()
    assert await agents_offered(company) == [listener], "one listens"
    assert await told(company, listener) == ["supervisor"]
    await supervisors.hands_back(call_id)
    assert (await company.row(call_id))["lead"] == "agent"
    assert "supervised" in [kind for kind, _ in await commands(company, listener)]
    assert await supervisors.stand(escalation) == "handed_back"


async def test_the_music_plays_on_when_an_agent_that_listens_was_away_for_a_moment(
    company: Company, supervisors: Supervisors
) -> None:
    await supervisors.stands(SAM)
    call_id, worker = await company_keeps(company)
    await supervisors.accepts(await escalation_of(company, call_id))
    listener, _ = await listens(company, call_id)
    assert await suspected.suspected(company.j, listener, "silent")
    assert await suspected.recovered(company.j, listener)
    assert "fade" not in [kind for kind, _ in await commands(company, worker)]


async def test_who_takes_over_without_being_asked_has_accepted_and_an_agent_comes_to_listen(
    company: Company, supervisors: Supervisors
) -> None:
    await supervisors.stands(SAM)
    call_id, _ = await company_keeps(company)
    escalation = await escalation_of(company, call_id)
    await supervisors.seek()
    seat = await supervisors.steps_in(call_id, KIM, Mode.TAKE_OVER)
    assert (await supervisors.stand(escalation), await supervisors.rings_at()) == ("accepted", [])
    assert (await listens(company, call_id))[1].led_by_human
    await supervisors.comes(seat)
    assert await supervisors.stand(escalation) == "leading"


async def test_the_deadline_of_the_rule_holds_for_all_who_are_asked(company: Company, supervisors: Supervisors) -> None:
    await supervisors.stands(SAM)
    await supervisors.stands(KIM)
    await company_keeps(company)
    before = await company.ids("SELECT deadline_at FROM escalations")
    await supervisors.seek()
    assert await company.ids("SELECT deadline_at FROM escalations") == before
    assert await company.ids("SELECT deadline_at - requested_at < interval '20.5 s' FROM escalations") == ["True"]


async def test_a_supervisor_takes_a_call_that_still_rings(company: Company, supervisors: Supervisors) -> None:
    """No attendant was free: their voice answers the telephone."""
    await supervisors.stands(SAM)
    call_id = await company.call(HUMAN_FIRST)
    with pytest.raises(Exception, match="Nobody talks"):
        await supervisors.steps_in(call_id, KIM, Mode.BARGE)
    seat = await supervisors.accepts(await escalation_of(company, call_id))
    await supervisors.comes(seat)
    assert (await company.row(call_id))["lead"] == "supervisor"


async def test_a_caller_who_hangs_up_is_asked_for_no_more(company: Company, supervisors: Supervisors) -> None:
    await supervisors.stands(SAM)
    call_id, _ = await company_keeps(company)
    await supervisors.seek()
    await arrived.caller_left(company.j, (await company.row(call_id))["room"])
    assert await supervisors.rings_at() == []
    assert await supervisors.stand(await escalation_of(company, call_id)) == "closed caller_left"


async def test_a_supervisor_who_goes_before_any_agent_came_leaves_the_caller_in_line(
    company: Company, supervisors: Supervisors
) -> None:
    await supervisors.stands(SAM)
    call_id, _ = await company_keeps(company)
    seat = await supervisors.accepts(await escalation_of(company, call_id))
    await supervisors.comes(seat)
    await took_part.gone(company.j, seat.supervision_id, "they left")
    row = await company.row(call_id)
    assert (row["lead"], row["state"]) == ("attendant", "waiting")
    await company.move()
    _, answer = await company.claim(call_id)
    assert isinstance(answer, Claimed)
