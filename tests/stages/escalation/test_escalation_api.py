"""Escalations over HTTP: who may do what, what a token allows, and what whoever comes too late is told."""

from typing import Any

import jwt
import pytest

from callcenter.journey import took_part
from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.users.model import Role
from callcenter.stages.escalation.model import Mode
from tests.journey.company import Company
from tests.stages.escalation.in_call import talking
from tests.stages.escalation.office import SECRET, Office
from tests.stages.escalation.supervisors import KIM, SAM, Supervisors

pytestmark = pytest.mark.postgres

TOKEN_SECONDS = 60


def grants(connection: dict[str, Any]) -> dict[str, Any]:
    """What the token says that its holder may do."""
    claims = jwt.decode(connection["token"], SECRET, algorithms=["HS256"])
    assert claims["exp"] - claims["nbf"] <= TOKEN_SECONDS
    assert claims["sub"] == connection["identity"]
    return dict(claims["video"])


async def test_what_rings_is_in_the_inbox_and_is_taken_by_whoever_is_first(
    office: Office, company: Company, supervisors: Supervisors
) -> None:
    """I6"""
    call_id, offer_id = await talking(company)
    await supervisors.stands(SAM)
    escalation = await supervisors.asked(offer_id, "wants a refund")
    await supervisors.seek()
    (asked,) = (await office.get("/api/escalations?state=offering"))["items"]
    assert (asked["id"], asked["reason"], asked["trigger"], asked["offered_to_me"]) == (
        escalation, "wants a refund", "agent", True,
    )  # fmt: skip
    assert [one["supervisor"] for one in asked["offered_to"]] == [SAM]
    assert not (await office.get("/api/escalations", KIM))["items"][0]["offered_to_me"]

    first = await office.post(f"/api/escalations/{escalation}/accept")
    assert first.status_code == 200, first.text
    again = await office.post(f"/api/escalations/{escalation}/accept")
    assert again.json()["supervision_id"] == first.json()["supervision_id"], "asked twice, answered the same"
    second = await office.post(f"/api/escalations/{escalation}/accept", KIM)
    assert second.status_code == 409
    assert second.headers["content-type"] == "application/problem+json"
    assert "A colleague has taken this call already." in second.text
    assert (await office.get(f"/api/escalations?call_id={call_id}"))["items"][0]["supervisor"] == SAM


async def test_a_token_is_good_for_one_room_and_for_what_the_mode_needs(office: Office, company: Company) -> None:
    call_id, _ = await talking(company)
    room = (await company.row(call_id))["room"]
    listening = (await office.post(f"/api/calls/{call_id}/join", KIM, mode="monitor")).json()
    assert grants(listening) == {
        "room": room, "roomJoin": True, "hidden": True, "canPublish": False, "canPublishData": False,
        "canPublishSources": [], "canSubscribe": True, "canUpdateOwnMetadata": False,
    }  # fmt: skip
    leading = (await office.post(f"/api/calls/{call_id}/join", mode="take_over")).json()
    assert grants(leading) == {
        "room": room, "roomJoin": True, "hidden": False, "canPublish": True, "canPublishData": False,
        "canPublishSources": ["microphone"], "canSubscribe": True, "canUpdateOwnMetadata": False,
    }  # fmt: skip


async def test_only_a_person_who_may_supervise_comes_into_a_call(office: Office, company: Company) -> None:
    call_id, _ = await talking(company)
    for role in (Role.VIEWER, Role.ANALYST):
        assert (await office.post(f"/api/calls/{call_id}/join", None, role)).status_code == 403
    nobody = await office.post(f"/api/calls/{call_id}/join", None)
    assert nobody.status_code == 403
    assert "callcenter key add --user" in nobody.text
    assert await company.ids("SELECT id FROM supervisions") == []


async def test_a_command_from_before_the_lead_changed_is_refused(office: Office, company: Company) -> None:
    call_id, _ = await talking(company)
    supervisors = Supervisors(company)
    await supervisors.comes(await supervisors.steps_in(call_id))
    epoch = (await company.row(call_id))["lead_epoch"]
    now = await office.post(f"/api/calls/{call_id}/mode", mode="take_over", lead_epoch=epoch)
    assert now.status_code == 200
    commands: list[tuple[str, dict[str, Any]]] = [("mode", {"mode": "monitor"}), ("hand-back", {})]
    for verb, body in commands:
        late = await office.post(f"/api/calls/{call_id}/{verb}", lead_epoch=epoch, **body)
        assert late.status_code == 409, verb
        assert "Somebody else has changed who leads" in late.text
    assert (await company.row(call_id))["lead"] == "supervisor"


async def test_who_comes_to_lead_is_told_the_count_of_their_own_lead(office: Office, company: Company) -> None:
    call_id, _ = await talking(company)
    path = f"/api/calls/{call_id}"
    joined = (await office.post(f"{path}/join", mode="take_over")).json()
    for when in ("on the way", "there"):
        asked = await office.post(f"{path}/mode", mode="take_over", lead_epoch=joined["lead_epoch"])
        assert (asked.status_code, asked.json()["lead_epoch"]) == (200, joined["lead_epoch"]), when
        await took_part.came(company.j, joined["identity"])
    assert (await office.get(path))["lead_epoch"] == joined["lead_epoch"]
    back = await office.post(f"{path}/hand-back", lead_epoch=joined["lead_epoch"])
    assert back.status_code == 204
    listening = (await office.post(f"{path}/join", mode="monitor")).json()
    assert listening["lead_epoch"] == joined["lead_epoch"] + 1
    switched = (await office.post(f"{path}/mode", mode="take_over", lead_epoch=listening["lead_epoch"])).json()
    assert switched["lead_epoch"] == listening["lead_epoch"] + 1


async def test_a_page_that_shows_an_older_lead_neither_takes_over_nor_ends_the_call(
    office: Office, company: Company, supervisors: Supervisors
) -> None:
    call_id, _ = await talking(company)
    shown = (await office.get(f"/api/calls/{call_id}"))["lead_epoch"]
    await supervisors.comes(await supervisors.steps_in(call_id, KIM, Mode.TAKE_OVER))
    commands: list[tuple[str, dict[str, Any]]] = [("join", {"mode": "take_over"}), ("end", {})]
    for verb, body in commands:
        late = await office.post(f"/api/calls/{call_id}/{verb}", lead_epoch=shown, **body)
        assert late.status_code == 409, verb
        assert "Somebody else has changed who leads" in late.text
    assert (await office.post(f"/api/calls/{call_id}/join", mode="monitor", lead_epoch=shown)).status_code == 200
    ended = await office.post(f"/api/calls/{call_id}/end", lead_epoch=shown + 1)
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("calls/{call}/mode", {"mode": "monitor"}, 409, "You are not in this call"),
        ("calls/{call}/hand-back", {}, 409, "You are not in this call"),
        ("calls/{call}/leave", {}, 409, "You are not in this call"),
        ("calls/{call}/join", {"mode": "shout"}, 422, "body.mode"),
        ("calls/{call}/whisper", {"text": ""}, 422, "body.text"),
        ("calls/{call}/escalate", {"reason": ""}, 422, "body.reason"),
        ("calls/{other}/join", {"mode": "monitor"}, 404, "no call"),
        ("escalations/{other}/accept", {}, 404, "no escalation"),
        ("escalations/{escalation}/decline", {}, 409, "You are not asked"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(
    office: Office, company: Company, supervisors: Supervisors, path: str, body: Any, status: int, says: str
) -> None:
    call_id, offer_id = await talking(company)
    escalation = await supervisors.asked(offer_id)
    answer = await office.post("/api/" + path.format(call=call_id, escalation=escalation, other=new_id()), **body)
    assert answer.status_code == status, answer.text
    assert says.removeprefix("body.") in answer.text


async def test_a_program_asks_for_a_human_once(office: Office, company: Company) -> None:
    call_id, _ = await talking(company)
    first = await office.post(f"/api/calls/{call_id}/escalate", reason="angry", skill="complaints")
    assert first.status_code == 201
    again = await office.post(f"/api/calls/{call_id}/escalate", reason="angry")
    assert again.status_code == 409
    assert "A human is asked into this call already" in again.text
    (asked,) = (await office.get(f"/api/escalations?call_id={call_id}"))["items"]
    assert (asked["id"], asked["trigger"], asked["skill"]) == (first.json()["id"], "api", "complaints")
