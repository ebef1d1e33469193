"""The trunks as the console shows them: the files beside LiveKit, what came in, what was refused."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from callcenter.platform.plumbing.ids import new_id
from callcenter.setup.users.model import Role
from callcenter.stages.outbound.model import CallOut
from sip.existing import Existing
from sip.existing_fake import FakeSipServer
from tests.platform.api.world import World
from tests.sip.test_standing import applied

pytestmark = pytest.mark.postgres

NOW = datetime.now(UTC)


async def test_a_trunk_shows_how_it_stands_and_when_it_was_last_called(world: World) -> None:
    server = FakeSipServer()
    await applied(server)
    world.app.state.stored_trunks = server.existing
    late = await world.call(trunk="demo", to_number="+15550100", arrived_at=NOW - timedelta(hours=1))
    await world.call(trunk="demo", to_number="+15550101", arrived_at=NOW - timedelta(hours=2))
    async with await world.reader(Role.SUPERVISOR) as viewer:
        seen = (await viewer.get("/api/trunks")).json()
        numbers = {each["number"]: each for each in (await viewer.get("/api/trunks/numbers")).json()["items"]}
    assert (seen["unavailable"], seen["files"], seen["secrets_compared"]) == ("", ["demo.yaml"], False)
    demo, digest = seen["items"]
    assert (demo["name"], demo["state"], demo["differences"]) == ("demo", "as_wanted", [])
    assert demo["figures"]["last_call_id"] == late
    assert demo["figures"]["calls"] == 2
    assert (digest["digest"], digest["figures"]["last_call_id"]) == (True, None)
    assert numbers["+15550100"]["trunks"] == ["demo"]
    assert numbers["+15550100"]["figures"]["last_call_id"] == late
    assert numbers["+15550110"]["figures"]["calls"] == 0


async def test_without_a_media_server_the_page_says_so(world: World) -> None:
    async with await world.reader(Role.VIEWER) as viewer:
        seen = (await viewer.get("/api/trunks")).json()
    assert seen["items"] == []
    assert "LiveKit cannot be asked" in seen["unavailable"]


async def test_a_trunk_that_the_files_want_and_livekit_lacks_is_missing(world: World) -> None:
    async def nothing() -> Existing:
        return Existing((), ())

    world.app.state.stored_trunks = nothing
    async with await world.reader(Role.VIEWER) as viewer:
        states = [each["state"] for each in (await viewer.get("/api/trunks")).json()["items"]]
    assert states == ["missing", "missing"]


async def test_refused_calls_are_told_in_both_directions_latest_first_and_in_pages(world: World) -> None:
    inbound = await world.call(
        trunk="demo", state="ended", outcome="refused", arrived_at=NOW - timedelta(hours=2), ended_at=NOW,
        ended_by="system", trace=["+15550199 is not in service"],
    )  # fmt: skip
    async with world.database.transaction() as tx:
        await tx.execute(
            sa.insert(CallOut).values(
                id=new_id(), trunk="carrier", number="+882123", purpose="call_back", state="refused", because="global",
                room="r", requested_at=NOW - timedelta(hours=1), ended_at=NOW,
            )
        )  # fmt: skip
    async with await world.reader(Role.SUPERVISOR) as viewer:
        first = (await viewer.get("/api/trunks/refused", params={"limit": 1})).json()
        second = (await viewer.get("/api/trunks/refused", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    (out,), (came) = first["items"], second["items"][0]
    assert (out["direction"], out["because"], out["to"], out["call_id"]) == ("outbound", "global", "+882123", None)
    assert (came["direction"], came["because"]) == ("inbound", "+15550199 is not in service")
    assert came["call_id"] == inbound
    assert second["next_cursor"] is None
