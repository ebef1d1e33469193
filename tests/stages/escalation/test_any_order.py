"""Agents, supervisors, callers and the router do what they do with escalations, in any order: after every step each one
was accepted once, exactly one leads, and the agent that is in the call knows who (I6)."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from callcenter.journey import arrived, escalated, left
from callcenter.journey.escalated import Ask
from callcenter.journey.took_part import Seat
from callcenter.platform.plumbing.errors import Conflict
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.messages import Claimed
from callcenter.setup.audit.rules import command
from callcenter.stages.escalation import loop
from callcenter.stages.escalation.model import Mode, Status, Trigger
from callcenter.stages.waiting import loop as waiting
from tests.journey.world import World
from tests.stages.escalation.in_call import talking
from tests.stages.escalation.supervisors import KIM, SAM, Supervisors

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(600)]

RUNS = int(os.environ.get("ESCALATION_RUNS", "25"))
STEPS = int(os.environ.get("ESCALATION_STEPS", "50"))
PEOPLE = st.sampled_from([SAM, KIM])
COMES = st.sampled_from([True, True, False])  # into the room at once, or later, or never
RARELY = st.sampled_from([False, False, False, False, False, True])  # after it nothing more happens in the call
MODES = st.sampled_from([Mode.TAKE_OVER, Mode.TAKE_OVER, Mode.BARGE, Mode.WHISPER, Mode.MONITOR])
ACCEPTED_BY = "SELECT id::text, supervisor_id::text FROM escalations WHERE supervisor_id IS NOT NULL"
# Of every agent in a live call: what it was told last of who leads, and who does.
TOLD = """
    SELECT o.id::text AS offer, c.lead, c.lead_epoch,
           (SELECT e.payload -> 'message' ->> 'lead' || ' ' || (e.payload -> 'message' ->> 'epoch')
              FROM effects e WHERE e.address = o.id::text AND e.payload -> 'message' ->> 'type' = 'supervised'
             ORDER BY e.id DESC LIMIT 1) AS told
      FROM offers o JOIN calls c ON c.id = o.call_id
     WHERE o.kind = 'agent' AND o.state = 'accepted' AND c.state <> 'ended'
"""


def machine(world: World) -> type[RuleBasedStateMachine]:  # noqa: C901 (the rules are its methods)
    """The machine's class, bound to a world."""
    run, company, j = world.run, world.company, world.company.j
    people = Supervisors(company)

    async def may_be_refused(work: Any) -> Any:
        with suppress(Conflict):
            return await work
        return None

    class Escalations(RuleBasedStateMachine):
        calls: Bundle[CallId] = Bundle("calls")
        seats: Bundle[Seat] = Bundle("seats")

        @initialize(target=calls, asked=st.sampled_from([[True], [False], [True, False]]))
        def begin(self, asked: list[bool]) -> Any:
            world.begin()
            world.sql("DELETE FROM supervisor_presence")
            self.accepted: dict[str, str] = {}
            self.briefed: dict[str, str] = {}
            return multiple(*map(self._call, asked))

        # --- the caller and the agent --------------------------------------------------------------------------------

        @rule(call=calls)
        def the_agent_asks(self, call: CallId) -> None:
            for offer in self._agents(call):
                run(people.asks(offer))

        @rule(call=calls)
        def a_program_asks(self, call: CallId) -> None:
            run(may_be_refused(escalated.escalated(j, call, Ask(Trigger.API, "wants a person"), command("test"))))

        @rule(call=calls)
        def the_agent_is_lost(self, call: CallId) -> None:
            for offer in self._agents(call):
                run(left.lost(j, offer, "test", job_gone=True))

        @rule()
        def the_line_moves(self) -> None:
            run(waiting.move_once(j))
            for offer in world.ids("SELECT id FROM offers WHERE state = 'offered' AND kind = 'agent'"):
                (call,) = world.ids("SELECT call_id FROM offers WHERE id = %s", offer)
                self._note_brief(*run(company.claim(CallId(call))))

        @rule(call=calls, really=RARELY)
        def the_caller_hangs_up(self, call: CallId, really: bool) -> None:
            if not really:
                return
            (room,) = world.ids("SELECT room FROM calls WHERE id = %s", call)
            run(arrived.caller_left(j, room))

        # --- asking --------------------------------------------------------------------------------------------------

        @rule(who=PEOPLE, status=st.sampled_from([Status.AVAILABLE, Status.AVAILABLE, Status.AWAY]))
        def a_supervisor_says_how_they_stand(self, who: str, status: Status) -> None:
            run(people.stands(who, status))

        @rule()
        def the_router_looks(self) -> None:
            run(loop.seek_once(j))

        @rule(what=st.sampled_from(["escalation_offers SET expires_at", "escalations SET deadline_at"]))
        def time_is_over(self, what: str) -> None:
            world.sql(
                f"UPDATE {what} = clock_timestamp() WHERE state IN ('offered', 'requested', 'offering', 'accepted')"
            )
            run(loop.seek_once(j))

        @rule(target=seats, call=calls, who=PEOPLE, mode=MODES, comes=COMES)
        def a_supervisor_accepts(self, call: CallId, who: str, mode: Mode, comes: bool) -> Any:
            made = [run(may_be_refused(people.accepts(one, who, mode))) for one in self._asked_in(call)]
            return multiple(*(self._seat(seat, comes) for seat in made if seat is not None))

        @rule(target=seats, call=calls)
        def two_accept(self, call: CallId) -> Any:
            """One after the other, so that it happens again when it is looked into; test_asking.py has the race."""
            made: list[Any] = [self.a_supervisor_accepts(call, who, Mode.TAKE_OVER, False) for who in (SAM, KIM)]
            return multiple(*(seat for one in made for seat in one.values))

        @rule(call=calls, who=PEOPLE)
        def a_supervisor_declines(self, call: CallId, who: str) -> None:
            for one in self._asked_in(call):
                run(may_be_refused(people.declines(one, who)))

        # --- in the call ---------------------------------------------------------------------------------------------

        @rule(target=seats, call=calls, who=PEOPLE, mode=MODES, comes=COMES)
        def a_supervisor_steps_in(self, call: CallId, who: str, mode: Mode, comes: bool) -> Any:
            seat = run(may_be_refused(people.steps_in(call, who, mode)))
            return multiple() if seat is None else self._seat(seat, comes)

        @rule(seat=seats)
        def a_supervisor_comes(self, seat: Seat) -> None:
            run(people.comes(seat))

        @rule(call=calls, who=PEOPLE, mode=MODES, late=st.sampled_from([False, False, True]))
        def a_supervisor_switches(self, call: CallId, who: str, mode: Mode, late: bool) -> None:
            epoch = int(world.ids("SELECT lead_epoch FROM calls WHERE id = %s", call)[0]) - late
            before = self._lead(call)
            run(may_be_refused(people.switches(call, mode, who, epoch)))
            assert not late or self._lead(call) == before, "a late command changes nobody's lead"

        @rule(call=calls, who=PEOPLE)
        def a_supervisor_hands_back(self, call: CallId, who: str) -> None:
            run(may_be_refused(people.hands_back(call, who)))

        @rule(call=calls, who=PEOPLE)
        def a_supervisor_goes(self, call: CallId, who: str) -> None:
            run(may_be_refused(people.leaves(call, who)))

        @rule(seat=seats)
        def a_console_dies(self, seat: Seat) -> None:
            world.sql(
                "UPDATE supervisions SET beat_at = clock_timestamp() - interval '9 s' WHERE id = %s",
                seat.supervision_id,
            )
            run(loop.watch_once(j, world.rooms))

        # --- what has to hold ----------------------------------------------------------------------------------------

        @invariant()
        def the_promises_hold(self) -> None:
            assert world.violations() == []

        @invariant()
        def i6_who_accepted_stays_the_one_who_accepted(self) -> None:
            for row in world.rows(ACCEPTED_BY):
                first = self.accepted.setdefault(row["id"], row["supervisor_id"])
                assert first == row["supervisor_id"], "I6: accepted once"

        @invariant()
        def i6_the_agent_knows_who_leads(self) -> None:
            for row in world.rows(TOLD):
                known = row["told"] or self.briefed.get(row["offer"], "agent")
                leads = "supervisor" if row["lead"] == "supervisor" else "agent"
                assert known.split()[0] == leads, f"I6: {row}"
                assert row["told"] is None or int(known.split()[1]) == row["lead_epoch"], f"a late word: {row}"

        def teardown(self) -> None:
            """From any state the end of the calls ends all that was asked and frees everybody."""
            for room in world.ids("SELECT room FROM calls WHERE state <> 'ended'"):
                run(arrived.caller_left(j, room))
            assert world.ids("SELECT id FROM escalations WHERE ended_at IS NULL") == []
            assert world.ids("SELECT id FROM escalation_offers WHERE state = 'offered'") == []
            assert world.ids("SELECT id FROM supervisions WHERE state <> 'left'") == []

        def _call(self, asked: bool) -> CallId:
            call, offer = run(talking(company))
            self.briefed[offer] = "agent"
            if asked:
                run(people.asks(offer))
            return call

        def _seat(self, seat: Seat, comes: bool) -> Seat:
            if comes:
                self.a_supervisor_comes(seat)
            return seat

        def _note_brief(self, offer: OfferId, answer: Any) -> None:
            if isinstance(answer, Claimed) and answer.agent is not None:
                self.briefed[offer] = "supervisor" if answer.agent.led_by_human else "agent"

        @staticmethod
        def _agents(call: CallId) -> list[OfferId]:
            live = "SELECT id FROM offers WHERE call_id = %s AND kind = %s AND state = 'accepted'"
            return [OfferId(one) for one in world.ids(live, call, SeatKind.AGENT)]

        @staticmethod
        def _asked_in(call: CallId) -> list[str]:
            return world.ids("SELECT id FROM escalations WHERE call_id = %s AND ended_at IS NULL", call)

        @staticmethod
        def _lead(call: CallId) -> list[str]:
            return world.ids("SELECT lead || ' ' || lead_epoch FROM calls WHERE id = %s", call)

    return Escalations


@pytest.fixture
def world(company_database_url: str) -> Iterator[World]:
    opened = World(company_database_url)
    yield opened
    opened.close()


def test_an_escalation_is_accepted_once_and_the_agent_knows_who_leads_whatever_happens(world: World) -> None:
    """I6"""
    run_state_machine_as_test(
        machine(world),
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, deadline=None,
            suppress_health_check=list(HealthCheck), print_blob=True,
        ),
    )  # fmt: skip
