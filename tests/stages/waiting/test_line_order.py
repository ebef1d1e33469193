"""The line in Postgres against a pure model of it: calls enter, leave, are asked for, come back, grow older, go on to
other queues and do with fewer skills, in any order; after every step each skill set finds the calls that it can serve
in the model's order."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from callcenter.journey.overflowed import overflowed
from callcenter.journey.placed import stand_in_line
from callcenter.platform.plumbing.ids import CallId
from callcenter.setup.entries import store as entries
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import Ageing, QueueBody
from callcenter.setup.rule_sets.actions import Fallback, ToQueue, WidenSkills
from callcenter.stages.waiting import line, overflow
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.rules import Skills, Standing, in_order, skills, widened
from tests.journey.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(600)]

RUNS = int(os.environ.get("LINE_RUNS", "6"))
STEPS = int(os.environ.get("LINE_STEPS", "25"))
AGEINGS = {"still": None, "slow": Ageing(every_seconds=60, points=1, at_most=3),
           "quick": Ageing(every_seconds=45, points=5, at_most=12)}  # fmt: skip
QUEUES = {name: QueueBody(profile="shop", ageing=ageing) for name, ageing in AGEINGS.items()}
SKILLS = ["german", "sales", "vip"]
SETS = [frozenset(SKILLS), frozenset({"german"}), frozenset({"sales", "vip"}), frozenset()]
AFTER = 100.0
WIDEN = Fallback(after_seconds=AFTER, then=WidenSkills(action="widen_skills", drop="all"))


def overflow_to(queue: str, priority: int) -> Fallback:
    return Fallback(after_seconds=AFTER, then=ToQueue(action="queue", queue=queue, priority=priority))


@dataclass(frozen=True)
class Modelled:
    """What the model knows of a call."""

    queue: str
    priority: int
    entered_at: datetime
    skills: Skills
    waits: bool = True
    fallback: Fallback | None = None


def machine(world: World) -> type[RuleBasedStateMachine]:  # noqa: C901 (the rules are its methods)
    """The machine's class, bound to a world."""
    run, j = world.run, world.company.j

    class Line(RuleBasedStateMachine):
        calls: Bundle[CallId] = Bundle("calls")

        @initialize()
        def begin(self) -> None:
            world.begin()
            self.model: dict[CallId, Modelled] = {}
            run(self._enter_queues())

        @rule(
            target=calls, queue=st.sampled_from(list(QUEUES)), priority=st.integers(-1, 2),
            required=st.sets(st.sampled_from(SKILLS), max_size=2),
            preferred=st.sets(st.sampled_from(SKILLS), max_size=1),
            fallback=st.sampled_from([None, WIDEN, overflow_to("quick", 1), overflow_to("still", 0)]),
        )  # fmt: skip
        def a_call_comes(
            self, queue: str, priority: int, required: set[str], preferred: set[str], fallback: Fallback | None
        ) -> CallId:
            call = run(world.company.call())
            world.sql("DELETE FROM waiting_entries WHERE call_id = %s", call)
            to = ToQueue(
                action="queue", queue=queue, priority=priority, required_skills=tuple(sorted(required)),
                preferred_skills=tuple(sorted(preferred)), prefer_seconds=AFTER,
                fallbacks=() if fallback is None else (fallback,),
            )  # fmt: skip
            run(self._stand(call, to))
            self.model[call] = Modelled(
                queue, priority, self._entered(call), skills(required, preferred, AFTER), fallback=fallback
            )
            return call

        @rule(call=calls)
        def an_agent_is_asked(self, call: CallId) -> None:
            if self.model[call].waits:
                assert run(self._in_tx(waiting.offered, call))
                self.model[call] = replace(self.model[call], waits=False)

        @rule(call=calls)
        def the_agent_does_not_come(self, call: CallId) -> None:
            if run(self._in_tx(waiting.back, call, 600.0)):
                self.model[call] = replace(self.model[call], waits=True)

        @rule(call=calls)
        def the_caller_leaves(self, call: CallId) -> None:
            run(self._in_tx(waiting.leave, call))
            self.model[call] = replace(self.model[call], waits=False)

        @rule(call=calls, seconds=st.sampled_from([30, 60, 500]))
        def time_passes_for_one(self, call: CallId, seconds: int) -> None:
            world.sql(
                "UPDATE waiting_entries SET entered_at = entered_at - make_interval(secs => %s) WHERE call_id = %s",
                seconds, call,
            )  # fmt: skip
            one = self.model[call]
            self.model[call] = replace(one, entered_at=one.entered_at - timedelta(seconds=seconds))

        @rule(call=calls)
        def its_fallback_is_due(self, call: CallId) -> None:
            one = self.model[call]
            world.sql("UPDATE waiting_entries SET next_fallback_at = clock_timestamp() "
                      "WHERE call_id = %s AND next_fallback_at IS NOT NULL", call)  # fmt: skip
            happens = one.waits and one.fallback is not None
            assert run(overflowed(j, call)) is happens
            assert run(overflowed(j, call)) is False, "once is enough"
            if not happens or one.fallback is None:
                return
            then = one.fallback.then
            if isinstance(then, ToQueue):
                changed = replace(one, queue=then.queue, priority=then.priority, skills=Skills(()))
            else:
                changed = replace(one, skills=widened(one.skills, None))
            self.model[call] = replace(changed, fallback=None)

        @rule(call=calls)
        def nobody_insists_any_more(self, call: CallId) -> None:
            world.sql("UPDATE waiting_entries SET prefer_until = clock_timestamp() "
                      "WHERE call_id = %s AND prefer_until IS NOT NULL", call)  # fmt: skip
            run(self._in_tx(overflow.relax))
            one = self.model[call]
            if one.skills.insisted:
                required = tuple(skill for skill in one.skills.required if skill not in one.skills.preferred)
                self.model[call] = replace(one, skills=Skills(required, one.skills.preferred))

        @invariant()
        def each_skill_set_finds_its_calls_in_the_models_order(self) -> None:
            for able in SETS:
                assert run(self._front(able)) == self._expected(able), able

        def _expected(self, able: frozenset[str]) -> list[CallId]:
            line = [
                Standing(call, one.priority, one.entered_at, AGEINGS[one.queue])
                for call, one in self.model.items()
                if one.waits and able.issuperset(one.skills.required)
            ]
            return [one.call_id for one in in_order(line, datetime.now(UTC))]

        async def _front(self, able: frozenset[str]) -> list[CallId]:
            free: Any = sa.select(
                sa.cast(sorted(able), sa.ARRAY(sa.Text())).label("skills"), sa.literal(99).label("seats")
            )
            async with j.db.transaction() as tx:
                return [place.call_id for place in await line.front(tx, free, lambda _: sa.false(), 99)]

        async def _stand(self, call: CallId, to: ToQueue) -> None:
            async with j.verb() as tx:
                await stand_in_line(tx, j, call, to, QUEUES[to.queue], "test")

        async def _enter_queues(self) -> None:
            async with j.db.transaction() as tx:
                for name, body in QUEUES.items():
                    await entries.insert_new(tx, queues.QUEUES, name, body)

        async def _in_tx(self, verb: Any, *arguments: Any) -> Any:
            async with j.db.transaction() as tx:
                return await verb(tx, *arguments)

        @staticmethod
        def _entered(call: CallId) -> datetime:
            (text,) = world.ids("SELECT entered_at FROM waiting_entries WHERE call_id = %s", call)
            return datetime.fromisoformat(text)

    return Line


@pytest.fixture
def world(company_database_url: str) -> Iterator[World]:
    opened = World(company_database_url)
    yield opened
    opened.close()


def test_the_line_keeps_the_order_of_its_model_whatever_happens(world: World) -> None:
    run_state_machine_as_test(
        machine(world),
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, deadline=None,
            suppress_health_check=list(HealthCheck), print_blob=True,
        ),
    )  # fmt: skip
