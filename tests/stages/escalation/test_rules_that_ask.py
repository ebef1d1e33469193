"""The rules of a profile ask for a human: each once in a call, and only while the agent leads it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.journey import said
from callcenter.journey.ruled import keyword_in, misunderstandings
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.messages import Segment
from callcenter.setup.caller_lists.rules import CallerListBody
from callcenter.setup.caller_lists.store import CALLER_LISTS
from callcenter.setup.entries import store as entries
from callcenter.setup.profiles.rules import EscalationRules
from callcenter.setup.profiles.store import PROFILES
from callcenter.stages.escalation import loop
from callcenter.stages.escalation.model import Mode
from tests.journey.company import Company
from tests.stages.escalation.in_call import sentences, talking
from tests.stages.escalation.supervisors import Supervisors

SORRY = "I am sorry, I did not understand that. Could you say it again, please?"
ASKING = "I am asking a colleague to join us. Please stay on the line."


async def ruled(company: Company, **rules: Any) -> None:
    """The shop's profile has these rules."""
    async with company.j.db.transaction() as tx:
        entry = await entries.find(tx, PROFILES, "shop", lock=True)
        assert entry is not None
        body = entry.body.model_copy(update={"escalation": EscalationRules(**rules)})
        await entries.update(tx, PROFILES, "shop", body)


async def says(company: Company, offer_id: OfferId, speaker: Speaker, *sentences: str, first: int = 1) -> None:
    for seq, text in enumerate(sentences, start=first):
        now = datetime.now(UTC)
        segment = Segment(offer_id=offer_id, speaker=speaker, seq=seq, text=text, started_at=now, ended_at=now)
        assert await said.said(company.j, segment) is not None


async def asked(company: Company, call_id: CallId) -> list[str]:
    return await company.ids(
        f"SELECT rule || ': ' || reason FROM escalations WHERE call_id = '{call_id}' AND trigger = 'rule' ORDER BY id"
    )


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I will call my LAWYER!", "lawyer"),
        ("lawyers are expensive", None),
        ("I want my money back, now.", "money back"),
        ("money, back then, was worth more", "money back"),
        ("", None),
    ],
)
def test_a_keyword_is_found_as_whole_words(text: str, found: str | None) -> None:
    assert keyword_in(text, ("lawyer", "money back")) == found


@pytest.mark.pure
def test_misunderstandings_are_counted_in_a_row_from_the_last_one() -> None:
    assert misunderstandings([SORRY, "Good.", SORRY, SORRY.upper()], SORRY) == 2
    assert misunderstandings([SORRY, "Good."], SORRY) == 0
    assert misunderstandings(["anything"], "") == 0, "a profile without that sentence"


@pytest.mark.postgres
async def test_a_keyword_of_the_caller_asks_once_and_the_caller_is_told(
    company: Company, supervisors: Supervisors
) -> None:
    await ruled(company, keywords=("lawyer",))
    call_id, offer_id = await talking(company)
    await says(company, offer_id, Speaker.AGENT, "Do you have a lawyer?")
    assert await asked(company, call_id) == [], "the agent's words are not the caller's"
    await says(company, offer_id, Speaker.CALLER, "i have a lawyer", "a good lawyer")
    assert await asked(company, call_id) == ["keyword: The caller said 'lawyer'."]
    assert await sentences(company, offer_id) == [ASKING]
    await company.sql("UPDATE escalations SET deadline_at = clock_timestamp()")
    await supervisors.seek()
    await says(company, offer_id, Speaker.CALLER, "my lawyer will hear of it", first=3)
    assert len(await asked(company, call_id)) == 1, "each rule asks once in a call"


@pytest.mark.postgres
async def test_an_agent_that_does_not_understand_several_times_in_a_row_gets_help(company: Company) -> None:
    await ruled(company, after_misunderstandings=2)
    call_id, offer_id = await talking(company)
    await says(company, offer_id, Speaker.AGENT, SORRY, "Your order has been shipped.", SORRY)
    assert await asked(company, call_id) == []
    await says(company, offer_id, Speaker.AGENT, SORRY, first=4)
    assert await asked(company, call_id) == [
        "misunderstandings: The agent has not understood the caller 2 times in a row."
    ]


@pytest.mark.postgres
async def test_a_caller_in_the_list_gets_a_human_as_soon_as_an_agent_has_the_call(company: Company) -> None:
    await ruled(company, caller_list="VIPs")
    async with company.j.db.transaction() as tx:
        body = CallerListBody.model_validate({"entries": [{"number": "+15551230001"}]})
        await entries.insert_new(tx, CALLER_LISTS, "VIPs", body)
        assert CALLER_LISTS.follow is not None
        await CALLER_LISTS.follow(tx, "VIPs", body)
    call_id, _ = await talking(company)
    assert await asked(company, call_id) == ["caller_list: The caller is in the list 'VIPs'."]


@pytest.mark.postgres
async def test_a_long_call_is_noticed_by_the_router(company: Company) -> None:
    await ruled(company, after_seconds=300)
    call_id, _ = await talking(company)
    assert await loop.seek_once(company.j) == 0
    await company.sql("UPDATE calls SET answered_at = answered_at - interval '301 s'")
    await loop.seek_once(company.j)
    await loop.seek_once(company.j)
    assert await asked(company, call_id) == ["length: The agent has talked with the caller for long."]


@pytest.mark.postgres
async def test_no_rule_asks_while_a_human_leads(company: Company, supervisors: Supervisors) -> None:
    await ruled(company, keywords=("lawyer",), after_seconds=10)
    call_id, offer_id = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, mode=Mode.TAKE_OVER))
    await says(company, offer_id, Speaker.CALLER, "i have a lawyer")
    await company.sql("UPDATE calls SET answered_at = answered_at - interval '301 s'")
    await loop.seek_once(company.j)
    assert await asked(company, call_id) == []


@pytest.mark.postgres
async def test_who_steps_in_and_leads_has_an_escalation_of_their_own(
    company: Company, supervisors: Supervisors
) -> None:
    call_id, _ = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, mode=Mode.BARGE))
    assert await company.ids("SELECT id FROM escalations") == [], "the agent leads"
    await supervisors.switches(call_id, Mode.TAKE_OVER)
    assert await company.ids("SELECT trigger || ' ' || state || ' ' || reason FROM escalations") == [
        "supervisor leading Sam stepped in"
    ]


@pytest.mark.postgres
async def test_who_steps_in_and_leads_stops_the_ringing_at_others(company: Company, supervisors: Supervisors) -> None:
    call_id, offer_id = await talking(company)
    await supervisors.stands("kim@demo.test")
    escalation = await supervisors.asked(offer_id)
    await supervisors.seek()
    await supervisors.comes(await supervisors.steps_in(call_id, mode=Mode.TAKE_OVER))
    assert await supervisors.rings_at() == []
    assert await supervisors.stand(escalation) == "leading"
