"""Applying plans: it settles, does so once, and does so also when two do it at the same moment."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sip.apply import apply, drift
from sip.desired import Desired, Trunk
from sip.errors import ChangedMeanwhileError, DeleteNeedsConsentError, RefusedError
from sip.existing_fake import FakeSipServer
from tests.sip.trunk_values import NUMBERS, trunk, wanted

pytestmark = pytest.mark.pure


@st.composite
def set_ups(draw: st.DrawFn) -> Desired:
    """Up to three trunks that share the numbers among them, one of them perhaps the catch-all."""
    owner_of = draw(st.lists(st.sampled_from(["one", "two", "three", None]), min_size=6, max_size=6))
    catch_all = draw(st.sampled_from(["one", "two", None]))
    trunks: list[Trunk] = []
    for name in ("one", "two", "three"):
        numbers = [number for number, owner in zip(NUMBERS, owner_of, strict=True) if owner == name]
        if numbers or name == catch_all:
            base = trunk(name, *draw(st.permutations(numbers)), catch_all=name == catch_all)
            digest = draw(st.booleans())
            trunks.append(replace(base, addresses=(), username="u", password="p") if digest else base)
    return wanted(*trunks)


@given(set_ups(), set_ups())
@settings(deadline=None)
def test_after_an_apply_the_next_plan_is_empty(first: Desired, second: Desired) -> None:
    async def run() -> None:
        server = FakeSipServer()
        await apply(first, server)
        if (await drift(second, server)).refusals:
            with pytest.raises(RefusedError, match="exchange numbers"):
                await apply(second, server, allow_delete=True)
            assert not (await drift(first, server)).changes
            return
        await apply(second, server, allow_delete=True)
        assert not (await drift(second, server)).changes
        writes = server.writes
        assert not (await apply(second, server)).made
        assert server.writes == writes
        assert {value.name for value in server.trunks.values()} == {value.name for value in second.trunks}
        assert all(rule.trunk_ids and rule.trunk_ids[0] in server.trunks for rule in server.rules.values())

    asyncio.run(run())


@given(set_ups(), st.integers(min_value=2, max_value=4), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_applies_at_the_same_moment_leave_each_trunk_once(plan: Desired, applies: int, chance: object) -> None:
    async def run() -> None:
        async def pause() -> None:
            for _ in range(chance.randrange(4)):  # type: ignore[attr-defined]
                await asyncio.sleep(0)

        server = FakeSipServer(pause)
        await asyncio.gather(*(apply(plan, server) for _ in range(applies)))
        assert sorted(value.name for value in server.trunks.values()) == sorted(value.name for value in plan.trunks)
        assert len(server.rules) == len(plan.trunks)
        assert not (await drift(plan, server)).changes

    asyncio.run(run())


async def test_deleting_needs_consent_and_nothing_is_done_without() -> None:
    server = FakeSipServer()
    await apply(wanted(trunk("one", NUMBERS[0]), trunk("two", NUMBERS[1])), server)
    writes = server.writes
    fewer = wanted(trunk("one", NUMBERS[0], NUMBERS[2]))
    with pytest.raises(DeleteNeedsConsentError, match="--allow-delete"):
        await apply(fewer, server)
    assert server.writes == writes
    applied = await apply(fewer, server, allow_delete=True)
    assert [change.action.value for change in applied.made] == ["delete", "delete", "update"]


async def test_a_refused_plan_writes_nothing() -> None:
    server = FakeSipServer()
    with pytest.raises(RefusedError, match="no authentication"):
        await apply(wanted(trunk("one", NUMBERS[0]), replace(trunk("two", NUMBERS[1]), addresses=())), server)
    assert server.writes == 0


async def test_a_catch_all_keeps_its_numbers_although_livekit_has_no_list_of_them() -> None:
    server = FakeSipServer()
    await apply(wanted(trunk("one", *NUMBERS, catch_all=True)), server)
    (kept,) = server.trunks.values()
    assert (kept.numbers, kept.catch_all) == (NUMBERS, True)


async def test_an_apply_that_somebody_disturbs_goes_on_from_what_is_there() -> None:
    class Disturbed(FakeSipServer):
        async def put_rule(self, rule, id):  # type: ignore[no-untyped-def]
            if self.writes == 1:
                self.trunks.clear()
            return await super().put_rule(rule, id)

    server = Disturbed()
    await apply(wanted(trunk("one", NUMBERS[0])), server)
    (id,) = server.trunks
    assert [rule.trunk_ids for rule in server.rules.values()] == [(id,)]


async def test_a_server_that_goes_on_refusing_ends_in_an_error_and_not_in_a_loop() -> None:
    class Refusing(FakeSipServer):
        async def put_trunk(self, trunk, id):  # type: ignore[no-untyped-def]
            raise ChangedMeanwhileError("LiveKit refused: numbers are taken")

    with pytest.raises(ChangedMeanwhileError, match="numbers are taken"):
        await apply(wanted(trunk("one", NUMBERS[0])), Refusing())
