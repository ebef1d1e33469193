"""Who leads puts the caller on hold: the agent plays music, and nobody but who leads may do so."""

import pytest

from callcenter.journey import left, switched
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.wire.messages import Claimed
from callcenter.stages.escalation.model import Mode
from callcenter.stages.escalation.rules import rights
from tests.journey.company import Company
from tests.stages.escalation.in_call import talking
from tests.stages.escalation.office import Office
from tests.stages.escalation.supervisors import KIM, SAM, Supervisors


@pytest.mark.pure
def test_a_caller_on_hold_hears_nobody_who_is_in_the_call() -> None:
    for mode in Mode:
        assert not rights(mode, held=True).to_caller
    assert rights(Mode.TAKE_OVER, held=True).speaks, "the agent hears them on"


async def played(company: Company, offer_id: OfferId) -> list[str]:
    """Of each word that the agent got of how the call stands: whether music is to be played."""
    return await company.ids(
        f"SELECT payload -> 'message' ->> 'held' FROM effects WHERE address = '{offer_id}' "
        "AND payload -> 'message' ->> 'type' = 'supervised' ORDER BY id"
    )


@pytest.mark.postgres
async def test_the_caller_hears_music_until_who_leads_goes_on(
    office: Office, company: Company, supervisors: Supervisors
) -> None:
    call_id, offer_id = await talking(company)
    seat = await supervisors.steps_in(call_id, mode=Mode.TAKE_OVER)
    await supervisors.comes(seat)
    for on, hears in ((True, "unheard"), (False, "heard")):
        answer = await office.post(f"/api/calls/{call_id}/hold", on=on)
        assert answer.status_code == 204, answer.text
        assert company.rooms.done[-1] == ("supervise", seat.room, seat.identity, hears)
    assert await played(company, offer_id) == ["false", "true", "false"]
    assert (await company.events(call_id)).count("caller_held") == 2


@pytest.mark.postgres
async def test_only_who_leads_holds_the_call(office: Office, company: Company, supervisors: Supervisors) -> None:
    call_id, _ = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, KIM, Mode.BARGE))
    refused = await office.post(f"/api/calls/{call_id}/hold", KIM, on=True)
    assert refused.status_code == 409
    assert "Only who leads the call" in refused.text


@pytest.mark.postgres
@pytest.mark.parametrize("ends_by", ["hand back", "another mode", "a colleague", "going", "a new token"])
async def test_a_hold_ends_with_whatever_who_leads_does_next(
    company: Company, supervisors: Supervisors, ends_by: str
) -> None:
    call_id, offer_id = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, mode=Mode.TAKE_OVER))
    await switched.held(company.j, call_id, await supervisors.person(SAM), True)
    match ends_by:
        case "hand back":
            await supervisors.hands_back(call_id)
        case "another mode":
            await supervisors.switches(call_id, Mode.BARGE)
        case "a colleague":
            await supervisors.comes(await supervisors.steps_in(call_id, KIM, Mode.TAKE_OVER))
        case "going":
            await supervisors.leaves(call_id)
        case _:
            await supervisors.steps_in(call_id, mode=Mode.TAKE_OVER)
    assert (await played(company, offer_id))[-2:] == ["true", "false"]


@pytest.mark.postgres
async def test_the_next_agent_goes_on_with_the_music(company: Company, supervisors: Supervisors) -> None:
    call_id, offer_id = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, mode=Mode.TAKE_OVER))
    await switched.held(company.j, call_id, await supervisors.person(SAM), True)
    await left.lost(company.j, offer_id, "killed", job_gone=True)
    await company.j.performer.settle()
    await company.move()
    _, answer = await company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert answer.agent is not None
    assert (answer.agent.led_by_human, answer.agent.held) == (True, True)
