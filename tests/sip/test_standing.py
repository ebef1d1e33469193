"""How trunks stand: the files beside what LiveKit holds."""

from dataclasses import replace

import pytest

from sip.apply import apply
from sip.config import default_files, load
from sip.desired import Desired, Marker, desired
from sip.existing_fake import FakeSipServer
from sip.standing import Standing, State, standings, without_secrets

pytestmark = pytest.mark.pure


def wanted(password: str = "not-told-here") -> Desired:
    return desired(load(default_files(), {"DEMO_TRUNK_PASSWORD": password}))


async def applied(server: FakeSipServer) -> Desired:
    """The demo's trunks, applied with a password that nobody else knows."""
    files = wanted("one-that-only-apply-knows")
    await apply(files, server)
    return files


async def seen(server: FakeSipServer, files: Desired, *, secrets: bool = False) -> dict[str, Standing]:
    found, _ = standings(files, await server.existing(), secrets=secrets)
    return {standing.name: standing for standing in found}


async def test_a_password_that_is_not_told_here_is_no_difference() -> None:
    server = FakeSipServer()
    await applied(server)
    assert {each.state for each in (await seen(server, wanted())).values()} == {State.AS_WANTED}
    told = await seen(server, wanted("another"), secrets=True)
    assert [(each.field, each.what) for each in told["demo-digest"].differences] == [("password", "changed")]


async def test_what_was_changed_by_hand_differs_in_words() -> None:
    server = FakeSipServer()
    await applied(server)
    id, demo = next((id, trunk) for id, trunk in server.trunks.items() if trunk.name == "demo")
    server.trunks[id] = replace(demo, addresses=("10.0.0.0/8",))
    standing = (await seen(server, wanted()))["demo"]
    assert standing.state is State.DIFFERS
    assert [each.what for each in standing.differences] == ["added 127.0.0.0/8; removed 10.0.0.0/8"]


async def test_a_trunk_whose_dispatch_rule_is_gone_differs() -> None:
    server = FakeSipServer()
    await applied(server)
    server.rules.clear()
    standing = (await seen(server, wanted()))["demo"]
    assert [each.field for each in standing.differences] == ["dispatch_rule"]


async def test_a_trunk_is_missing_not_wanted_or_somebody_elses() -> None:
    server = FakeSipServer()
    files = await applied(server)
    without_digest = replace(files, trunks=files.trunks[:1], rules=files.rules[:1])
    assert (await seen(server, without_digest))["demo-digest"].state is State.NOT_WANTED
    id, demo = next((id, trunk) for id, trunk in server.trunks.items() if trunk.name == "demo")
    server.trunks[id] = replace(demo, marker=Marker("others", "demo"))
    found, _ = standings(wanted(), await server.existing(), secrets=False)
    assert [each.state for each in found if each.name == "demo"] == [State.MISSING, State.FOREIGN]


def test_only_variables_that_are_not_told_get_a_stand_in() -> None:
    assert without_secrets(default_files(), {"DEMO_TRUNK_PASSWORD": "x"}) == ({"DEMO_TRUNK_PASSWORD": "x"}, False)
    assert without_secrets(default_files(), {}) == ({"DEMO_TRUNK_PASSWORD": "not-told-here"}, True)
