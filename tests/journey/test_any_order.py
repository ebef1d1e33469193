"""Every verb in any order on a real Postgres: the invariants hold after every step (I1, I2, I3, I4, I5)."""

import asyncio
import os
from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from callcenter.journey import answered, arrived, left, offered, said, suspected
from callcenter.platform.api.invariants import INVARIANTS, check
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.messages import EndReason, Saying, SeatKind, Segment, Speaker
from callcenter.stages.offers import loop as offers
from callcenter.stages.waiting import loop as waiting
from tests.journey.company import DESK, Company, open_company

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(900)]

STEPS = int(os.environ.get("MACHINE_STEPS", "40"))
RUNS = int(os.environ.get("MACHINE_RUNS", "12"))
T = TypeVar("T")


class World:
    """One event loop and one database for all runs of the machine."""

    def __init__(self, database_url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.opened = open_company(database_url)
        self.company: Company = self.run(self.opened.__aenter__())

    def run(self, work: Awaitable[T]) -> T:
        async def within() -> T:
            async with asyncio.timeout(20):
                return await work

        return self.loop.run_until_complete(within())

    def close(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.loop.close()


def machine(world: World) -> type[RuleBasedStateMachine]:  # noqa: C901 (the rules are its methods)
    """The machine's class, bound to a world."""
    run, company, j = world.run, world.company, world.company.j

    class AnyOrder(RuleBasedStateMachine):
        calls: Bundle[CallId] = Bundle("calls")
        offers_made: Bundle[OfferId] = Bundle("offers_made")

        @initialize(agents=st.integers(0, 3), attendants=st.integers(0, 3))
        def begin(self, agents: int, attendants: int) -> None:
            run(company.sql("TRUNCATE calls, workers, effects, webhook_events CASCADE"))
            if agents:
                run(company.worker(SeatKind.AGENT, agents))
            if attendants:
                run(company.worker(SeatKind.ATTENDANT, attendants))
            self.said: dict[OfferId, int] = {}
            self.sentences: dict[OfferId, int] = {}

        @rule(target=calls, to=st.sampled_from(["+15550100", "+15550102", "+15550199"]))
        def a_call_comes_in(self, to: str) -> CallId:
            return run(company.call(to))

        @rule(kind=st.sampled_from(list(SeatKind)), seats=st.integers(1, 2))
        def a_worker_starts(self, kind: SeatKind, seats: int) -> None:
            run(company.worker(kind, seats))

        @rule()
        def ringing_takes_too_long(self) -> None:
            run(company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp() "
                            "WHERE attendant_due_at IS NOT NULL"))  # fmt: skip

        @rule(target=offers_made)
        def the_line_moves(self) -> Any:
            run(waiting.move_once(j))
            return multiple(*self._offers("state = 'offered'"))

        @rule(offer=offers_made)
        def somebody_claims(self, offer: OfferId) -> None:
            run(answered.claimed(j, offer, 1, DESK))

        @rule(offer=offers_made)
        def the_callers_leg_becomes_active(self, offer: OfferId) -> None:
            run(answered.answered(j, offer, datetime.now(UTC)))

        @rule(offer=offers_made)
        def the_agent_is_heard(self, offer: OfferId) -> None:
            run(answered.first_frame(j, offer))

        @rule(offer=consumes(offers_made))
        def somebody_refuses(self, offer: OfferId) -> None:
            run(offered.refused(j, offer, "no"))

        @rule()
        def leases_run_out(self) -> None:
            run(company.sql("UPDATE offers SET lease_until = clock_timestamp() WHERE state = 'offered'"))
            run(offers.expire_once(j))

        @rule()
        def all_workers_fall_silent(self) -> None:
            run(company.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '5 s'"))
            run(offers.lose(j))

        @rule(offer=offers_made, gone=st.booleans())
        def a_job_is_lost(self, offer: OfferId, gone: bool) -> None:
            run(left.lost(j, offer, "test", job_gone=gone))

        @rule(offer=offers_made, back=st.booleans())
        def nothing_is_heard_of_a_job_for_a_moment(self, offer: OfferId, back: bool) -> None:
            run(suspected.suspected(j, offer, "test"))
            run(waiting.move_once(j))
            if back:
                run(suspected.recovered(j, offer))

        @rule(offer=offers_made, failure=st.sampled_from([None, "model failed"]))
        def a_job_leaves(self, offer: OfferId, failure: str | None) -> None:
            run(left.left(j, offer, failure))

        @rule(offer=offers_made, reason=st.sampled_from(list(EndReason)))
        def somebody_says_goodbye(self, offer: OfferId, reason: EndReason) -> None:
            run(left.said_goodbye(j, offer, reason))

        @rule(offer=offers_made, skip=st.integers(-1, 1))
        def something_is_said(self, offer: OfferId, skip: int) -> None:
            seq, now = max(1, self.said.get(offer, 0) + 1 + skip), datetime.now(UTC)
            ack = run(
                said.said(
                    j,
                    Segment(offer_id=offer, speaker=Speaker.CALLER, seq=seq, text="x", started_at=now, ended_at=now),
                )
            )
            if ack is not None:
                assert ack.seq >= self.said.get(offer, 0), "I5: an acknowledged segment is never taken back"
                self.said[offer] = ack.seq

        @rule(offer=offers_made, whole=st.booleans())
        def a_sentence_is_said_or_breaks_off(self, offer: OfferId, whole: bool) -> None:
            seq, now = self.sentences.get(offer, 0) + 1, datetime.now(UTC)
            if not whole:
                run(said.broke_off(j, offer, Saying(seq=seq, text="x", started_at=now, heard_at=now)))
                return
            sentence = Segment(
                offer_id=offer, speaker=Speaker.AGENT, seq=seq, text="x y", started_at=now, ended_at=now
            )  # fmt: skip
            if (ack := run(said.said(j, sentence))) is not None:
                assert ack.seq == seq, "I5: what broke off takes no whole sentence's number"
                self.sentences[offer] = seq

        @rule(call=calls)
        def the_caller_hangs_up(self, call: CallId) -> None:
            run(arrived.caller_left(j, run(company.row(call))["room"]))

        @rule()
        def waiting_takes_too_long(self) -> None:
            run(company.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp() WHERE gives_up_at IS NOT NULL"))
            run(waiting.give_up_once(j))

        @invariant()
        def the_promises_hold(self) -> None:
            for promise in INVARIANTS:
                found = run(self._check(promise))
                assert found.violations == 0, f"{promise.name}: {found.examples}"

        def teardown(self) -> None:
            """From any state every call can be brought to its end, and every seat becomes free."""
            for call in self._ids("SELECT id FROM calls WHERE state <> 'ended'"):
                run(arrived.caller_left(j, run(company.row(CallId(call)))["room"]))
            for offer in self._offers("released_at IS NULL"):
                run(left.left(j, offer, None))
            assert run(company.busy_seats()) == 0, "I3"
            assert self._ids("SELECT id FROM calls WHERE outcome IS NULL") == [], "I1"

        @staticmethod
        async def _check(promise: Any) -> Any:
            async with j.db.transaction() as tx:
                return await check(tx, promise)

        def _offers(self, where: str) -> list[OfferId]:
            return [OfferId(i) for i in self._ids(f"SELECT id FROM offers WHERE {where} ORDER BY id")]

        def _ids(self, statement: str) -> list[str]:
            return run(company.ids(statement))

    return AnyOrder


@pytest.fixture
def world(company_database_url: str) -> Iterator[World]:
    opened = World(company_database_url)
    yield opened
    opened.close()


def test_invariants_hold_whatever_happens_in_whatever_order(world: World) -> None:
    run_state_machine_as_test(
        machine(world),
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
