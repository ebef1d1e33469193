"""The consoles' WebSockets: a closed tab frees its supervisor, and takes one who is in a call out of it."""

import asyncio
import contextlib
import json

import pytest
import websockets

from callcenter.platform.api.streams import MOST_STREAMS
from callcenter.platform.desk.consoles import (
    ASK_SECONDS,
    OUT_OF_CALL,
    POLICY_VIOLATION,
    REACHABLE_SECONDS,
    SILENT_SECONDS,
)
from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.users.model import Role
from callcenter.stages.escalation import loop
from callcenter.stages.escalation.model import Mode
from tests.journey.company import Company
from tests.stages.escalation.in_call import talking
from tests.stages.escalation.office import Office
from tests.stages.escalation.supervisors import KIM, SAM, Supervisors

pytestmark = pytest.mark.postgres

FREED_SECONDS = 10.0  # the limit for a closed tab


async def stands(office: Office, wanted: str) -> str:
    """How Sam stands, once it is as wanted, or after two seconds."""
    status = ""
    for _ in range(40):
        status = (await office.get("/api/presence"))["status"]
        if status == wanted:
            break
        await asyncio.sleep(0.05)
    return status


async def test_an_open_console_can_be_asked_and_a_closed_one_cannot(office: Office) -> None:
    assert (await office.get("/api/presence"))["status"] == "offline"
    line = await office.line("/api/presence/line", await office.key())
    assert (await office.get("/api/presence"))["status"] == "available", "once the console knows that it is open"
    assert json.loads(await line.recv()) == {"ask": True}
    await line.send("here")
    assert await stands(office, "available") == "available"
    await line.close()
    assert await stands(office, "offline") == "offline"


def test_a_console_that_only_falls_silent_is_noticed_in_time() -> None:
    """Its machine sleeps, or its network is gone, so that nothing is closed."""
    assert ASK_SECONDS < SILENT_SECONDS < REACHABLE_SECONDS < FREED_SECONDS


async def test_what_an_open_console_has_said_does_not_hold_for_long(office: Office, company: Company) -> None:
    line = await office.line("/api/presence/line", await office.key())
    assert await stands(office, "available") == "available"
    await company.sql("UPDATE supervisor_presence SET reachable_until = clock_timestamp() + interval '1 ms'")
    await line.send("here")
    query = "SELECT extract(epoch FROM reachable_until - clock_timestamp()) FROM supervisor_presence"
    for _ in range(40):
        (left,) = await company.ids(query)
        if float(left) > 1:
            break
        await asyncio.sleep(0.05)
    assert 1 < float(left) <= REACHABLE_SECONDS
    await line.close()


@pytest.mark.parametrize("path", ["/api/presence/line", "/api/calls/{call}/line"])
async def test_a_line_opens_for_people_who_may_supervise(office: Office, path: str) -> None:
    path = path.format(call=new_id())
    strangers = [
        {}, {"Authorization": "Bearer nonsense"}, await office.key(None), await office.key(None, Role.VIEWER),
        {**await office.cookie(), "Origin": "http://evil.test"}, await office.cookie(),
    ]  # fmt: skip
    for headers in strangers:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await office.line(path, headers)
        assert refused.value.response.status_code == 403


async def test_a_line_opens_for_the_console_of_this_site(office: Office) -> None:
    here = {"Origin": f"http://127.0.0.1:{office.port}"}
    line = await office.line("/api/presence/line", {**await office.cookie(), **here})
    assert json.loads(await line.recv()) == {"ask": True}
    await line.close()


async def test_a_line_ends_with_the_key_that_opened_it(office: Office, company: Company) -> None:
    line = await office.line("/api/presence/line", await office.key())
    await line.recv()
    await company.sql("DELETE FROM api_keys")
    await line.send("here")
    async with asyncio.timeout(5):
        await line.wait_closed()
    assert line.close_code == POLICY_VIOLATION, "so that the console does not try again for ever"


async def test_a_line_whose_owner_gets_another_role_that_supervises_may_be_opened_again(
    office: Office, company: Company
) -> None:
    cookie = {**await office.cookie(), "Origin": f"http://127.0.0.1:{office.port}"}
    line = await office.line("/api/presence/line", cookie)
    await line.recv()
    await company.sql(f"UPDATE users SET role = 'admin' WHERE email = '{SAM}'")
    await line.send("here")
    async with asyncio.timeout(5):
        await line.wait_closed()
    assert line.close_code != POLICY_VIOLATION
    again = await office.line("/api/presence/line", cookie)
    assert json.loads(await again.recv()) == {"ask": True}
    await again.close()


async def test_a_line_in_a_call_ends_with_the_key_that_opened_it(
    office: Office, company: Company, supervisors: Supervisors
) -> None:
    call_id, _ = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, SAM, Mode.MONITOR))
    line = await office.line(f"/api/calls/{call_id}/line", await office.key())
    await until(company, "beat_at IS NOT NULL")
    await company.sql("DELETE FROM api_keys")
    await line.send("beat")
    async with asyncio.timeout(5):
        await line.wait_closed()
    assert line.close_code == OUT_OF_CALL
    await until(company, "line_closed_at IS NOT NULL")


async def test_one_credential_has_so_many_lines_and_no_more(
    office: Office, company: Company, supervisors: Supervisors
) -> None:
    call_id, _ = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, SAM, Mode.MONITOR))
    key = await office.key()
    paths = ["/api/presence/line", f"/api/calls/{call_id}/line"]
    lines = [await office.line(paths[which % 2], key) for which in range(MOST_STREAMS)]
    for path in paths:
        with pytest.raises(websockets.InvalidStatus):
            await office.line(path, key)
    other = await office.line(paths[0], await office.key())
    for line in [*lines, other]:
        await line.close()
    for _ in range(40):
        with contextlib.suppress(websockets.InvalidStatus):
            await (await office.line(paths[0], key)).close()
            return
        await asyncio.sleep(0.05)
    pytest.fail("the places of lines that were closed stay taken")


async def test_who_is_not_in_the_call_has_no_line_in_it(office: Office, company: Company) -> None:
    call_id, _ = await talking(company)
    line = await office.line(f"/api/calls/{call_id}/line", await office.key(KIM))
    with pytest.raises(websockets.ConnectionClosed):
        await line.recv()
    assert line.close_code == OUT_OF_CALL


async def test_a_console_that_dies_in_a_call_gives_the_lead_back_after_two_seconds(
    office: Office, company: Company, supervisors: Supervisors
) -> None:
    call_id, _ = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, SAM, Mode.TAKE_OVER))
    line = await office.line(f"/api/calls/{call_id}/line", await office.key())
    await line.send("beat")
    await until(company, "beat_at IS NOT NULL")
    assert await loop.watch_once(company.j, company.rooms) == 0
    line.transport.abort()
    await until(company, "line_closed_at IS NOT NULL")
    assert await loop.watch_once(company.j, company.rooms) == 0, "a moment is given to come back"
    await company.sql("UPDATE supervisions SET line_closed_at = line_closed_at - interval '2 s'")
    assert await loop.watch_once(company.j, company.rooms) == 1
    assert (await company.row(call_id))["lead"] == "agent"


async def test_a_console_that_comes_back_in_time_keeps_the_lead(
    office: Office, company: Company, supervisors: Supervisors
) -> None:
    call_id, _ = await talking(company)
    await supervisors.comes(await supervisors.steps_in(call_id, SAM, Mode.TAKE_OVER))
    key = await office.key()
    line = await office.line(f"/api/calls/{call_id}/line", key)
    await until(company, "beat_at IS NOT NULL")
    await line.close()
    await until(company, "line_closed_at IS NOT NULL")
    line = await office.line(f"/api/calls/{call_id}/line", key)
    await until(company, "line_closed_at IS NULL")
    assert await loop.watch_once(company.j, company.rooms) == 0
    assert (await company.row(call_id))["lead"] == "supervisor"
    await line.close()


async def until(company: Company, what: str) -> None:
    """Until this is true of the only supervision."""
    async with asyncio.timeout(5):
        while await company.ids(f"SELECT id FROM supervisions WHERE {what}") == []:
            await asyncio.sleep(0.02)
