"""Nobody takes a call that was to speak with a human first: what the caller hears, once, and who goes on."""

import pytest

from callcenter.journey import answered, said, took_part
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.stages.escalation.model import Mode
from callcenter.stages.waiting import loop as waiting
from tests.journey.company import Company, commands, segment
from tests.stages.escalation.humans import (
    HELP,
    HUMAN_FIRST,
    SORRY,
    WAIT,
    company_keeps,
    escalation_of,
    listens,
    new_plans,
    speaks,
    told,
)
from tests.stages.escalation.supervisors import SAM, Supervisors

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("because", ["nobody answers", "all decline", "who accepts does not come", "no router says so"])
async def test_when_nobody_takes_it_an_agent_does(company: Company, supervisors: Supervisors, because: str) -> None:
    await supervisors.stands(SAM)
    call_id, _ = await company_keeps(company)
    escalation = await escalation_of(company, call_id)
    if because != "no router says so":
        await supervisors.seek()
    match because:
        case "nobody answers":
            await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
        case "all decline":
            await supervisors.declines(escalation)
        case "who accepts does not come":
            await supervisors.accepts(escalation)
            await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
        case _:
            await company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp()")
            await waiting.give_up_once(company.j)
    if because != "no router says so":
        await supervisors.seek()
    _, brief = await listens(company, call_id)
    assert not brief.led_by_human
    assert (await company.row(call_id))["lead"] == "agent"


@pytest.mark.parametrize(
    ("because", "hears"),
    [
        ("nobody answers", f"{SORRY} has answered. {HELP}"),
        ("all decline", f"I am sorry, my colleagues cannot take your call right now. {HELP}"),
        (
            "nobody is there",
            f"{SORRY} is available right now. {HELP}",
        ),
    ],
)
async def test_the_caller_hears_that_nobody_took_the_call_before_the_agent_greets(
    company: Company, supervisors: Supervisors, because: str, hears: str
) -> None:
    if because == "nobody is there":
        await company.worker()
        call_id = await company.call(HUMAN_FIRST)
    else:
        await supervisors.stands(SAM)
        call_id, _ = await company_keeps(company)
        escalation = await escalation_of(company, call_id)
        await supervisors.seek()
        if because == "all decline":
            await supervisors.declines(escalation)
        else:
            await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
        await supervisors.seek()
        waits = (
            "2.5 I am sorry, none of our people can take your call right now. Please stay on the line, our assistant "
        )
        assert await new_plans(company) == [f"{waits}will help you."], "if no agent comes at once"
    _, brief = await listens(company, call_id)
    assert brief.news == hears


async def test_what_an_attendant_has_said_of_it_the_agent_does_not_say_again(
    company: Company, supervisors: Supervisors
) -> None:
    await supervisors.stands(SAM)
    call_id, _ = await company_keeps(company)
    await supervisors.seek()
    await supervisors.declines(await escalation_of(company, call_id))
    await supervisors.seek()
    attendant = await company.offer(call_id, SeatKind.ATTENDANT)
    assert await said.said(company.j, segment(attendant, 1, WAIT, Speaker.ATTENDANT)) is not None
    _, brief = await listens(company, call_id)
    assert brief.news == ""


@pytest.mark.parametrize(
    ("language", "own", "hears"),
    [
        (
            "de",
            {},
            "Leider kann gerade niemand von meinen Kollegen Ihren Anruf annehmen. Ich helfe Ihnen, so gut ich kann.",
        ),
        ("de", {"declined": "Es geht gerade nicht."}, "Es geht gerade nicht."),
        ("fr", {"declined": "Personne n'est libre."}, "Personne n'est libre."),
    ],
)
async def test_the_caller_hears_it_in_the_language_of_the_profile(
    company: Company, supervisors: Supervisors, language: str, own: dict[str, str], hears: str
) -> None:
    await speaks(company, language, **own)
    await supervisors.stands(SAM)
    call_id, _ = await company_keeps(company)
    await supervisors.seek()
    await supervisors.declines(await escalation_of(company, call_id))
    await supervisors.seek()
    assert (await listens(company, call_id))[1].news == hears


@pytest.mark.parametrize("because", ["never comes", "closes the window", "comes to listen"])
async def test_an_agent_that_listens_for_nobody_says_so_and_leads(
    company: Company, supervisors: Supervisors, because: str
) -> None:
    await supervisors.stands(SAM)
    call_id, worker = await company_keeps(company)
    escalation = await escalation_of(company, call_id)
    await supervisors.seek()
    seat = await supervisors.accepts(escalation)
    listener, brief = await listens(company, call_id)
    assert (brief.led_by_human, brief.news) == (True, "")
    match because:
        case "never comes":
            await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
            await supervisors.seek()
        case "closes the window":
            await took_part.gone(company.j, seat.supervision_id, "they left")
        case _:
            await supervisors.switches(call_id, Mode.MONITOR)
            await supervisors.comes(seat)
    text = "agent left I am sorry, my colleague could not be connected. I will help you as well as I can."
    assert text in await told(company, listener)
    row = await company.row(call_id)
    assert (row["lead"], row["state"]) == ("agent", "talking")
    assert "fade" not in [kind for kind, _ in await commands(company, worker)], "the music plays until it is heard"
    await answered.first_frame(company.j, listener)
    assert "fade" in [kind for kind, _ in await commands(company, worker)]


async def test_while_no_supervisor_can_be_asked_it_is_a_queue_like_any_other(company: Company) -> None:
    await company.worker()
    call_id, _ = await company.talking(HUMAN_FIRST)
    assert await company.ids("SELECT state || ' ' || failure FROM escalations") == ["closed no_supervisor"]
    assert (await company.row(call_id))["lead"] == "agent"
