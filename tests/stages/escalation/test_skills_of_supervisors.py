"""What supervisors may be asked for: an admin says so, and an escalation finds those who have the skill."""

import httpx
import pytest

from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.entries import store as entries
from callcenter.setup.queues.rules import AskSupervisors
from callcenter.setup.queues.store import QUEUES
from callcenter.setup.users.model import Role
from tests.journey.company import Company
from tests.stages.escalation.in_call import talking
from tests.stages.escalation.office import Office
from tests.stages.escalation.supervisors import ADA, KIM, SAM, Supervisors

pytestmark = pytest.mark.postgres


async def test_who_has_the_skill_is_asked(office: Office, company: Company, supervisors: Supervisors) -> None:
    kim = (await supervisors.person(KIM)).id
    assert (await office.put(f"/api/users/{kim}/skills", skills=["refunds"])).status_code == 403, "Sam is no admin"
    given = await office.put(f"/api/users/{kim}/skills", "admin@demo.test", Role.ADMIN, skills=["refunds", "refunds"])
    assert given.status_code == 204, given.text
    for email in (SAM, KIM):
        await supervisors.stands(email)
    call_id, _ = await talking(company)
    await office.post(f"/api/calls/{call_id}/escalate", reason="refund", skill="refunds")
    await supervisors.seek()
    assert await supervisors.rings_at() == [KIM]
    listed = {one["email"]: (one["status"], one["skills"]) for one in (await office.get("/api/supervisors"))["items"]}
    assert listed == {
        "admin@demo.test": ("offline", []), SAM: ("available", []), KIM: ("available", ["refunds"]),
    }  # fmt: skip
    assert await company.ids("SELECT after ->> 'skills' FROM audit_entries WHERE thing = 'user'") == ['["refunds"]']


async def test_skills_are_of_people_who_may_supervise(office: Office) -> None:
    answer = await office.put(f"/api/users/{new_id()}/skills", "admin@demo.test", Role.ADMIN, skills=[])
    assert answer.status_code == 404


async def test_the_skill_that_a_queue_names_decides_who_is_asked_into_its_calls(
    office: Office, company: Company, supervisors: Supervisors
) -> None:
    kim = (await supervisors.person(KIM)).id
    await office.put(f"/api/users/{kim}/skills", ADA, Role.ADMIN, skills=["refunds"])
    for email in (SAM, KIM):
        await supervisors.stands(email)
    async with company.j.db.transaction() as tx:
        entry = await entries.find(tx, QUEUES, "support", lock=True)
        assert entry is not None
        asks = entry.body.model_copy(update={"supervisors": AskSupervisors(skill="refunds")})
        await entries.update(tx, QUEUES, "support", asks)
    _, offer_id = await talking(company)
    await supervisors.asked(offer_id)
    await supervisors.seek()
    assert await supervisors.rings_at() == [KIM]


async def test_of_two_admins_at_once_the_second_learns_that_the_skills_are_others_now(
    office: Office, supervisors: Supervisors
) -> None:
    kim = (await supervisors.person(KIM)).id
    path, key = f"http://127.0.0.1:{office.port}/api/users/{kim}/skills", await office.key(ADA, Role.ADMIN)

    async def read() -> dict[str, str]:
        (found,) = [one for one in (await office.get("/api/supervisors"))["items"] if one["email"] == KIM]
        return key | {"If-Match": found["skills_etag"]}

    as_read = await read()
    async with httpx.AsyncClient(timeout=20) as client:
        assert (await client.put(path, json={"skills": ["refunds"]}, headers=as_read)).status_code == 204
        assert (await client.put(path, json={"skills": ["wine"]}, headers=as_read)).status_code == 412
        assert (await client.put(path, json={"skills": ["wine"]}, headers=await read())).status_code == 204
