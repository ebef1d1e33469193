"""Every verb of the journey as a step of a state machine, in any order, with what must hold after each."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from callcenter.journey import answered, arrived, left, offered, said, suspected
from callcenter.platform.desk.workers import Workers, drain
from callcenter.platform.plumbing.errors import NotFound
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import SeatKind, Speaker
from callcenter.platform.wire.messages import EndReason, Register, RunningJob, Saying, Segment, WorkerBeat
from callcenter.stages.offers import loop as offers
from callcenter.stages.waiting import loop as waiting
from tests.journey.world import DESKS, World

NUMBERS = ["+15550100", "+15550100", "+15550100", "+15550102", "+15550199"]  # most to the agents
FALLBACKS = [
    '{"action": "widen_skills", "drop": "all"}',
    '{"action": "queue", "queue": "support", "priority": 3}',
    '{"action": "message", "text": "Nobody is here."}',
]
LIVE = "('offered', 'accepted')"
UNDONE = "SELECT kind FROM effects WHERE done_at IS NULL AND kind <> 'command' AND give_up_at > clock_timestamp()"
# Of these offers, those that have no call and whose agents nobody is about to put out.
FORGOTTEN = """
    SELECT o.id FROM offers o
     WHERE o.id = ANY(%s::uuid[]) AND o.state <> 'accepted' AND NOT EXISTS (
           SELECT FROM effects e
            WHERE e.call_id = o.call_id AND e.done_at IS NULL
              AND (e.kind = 'delete_room' OR e.kind = 'remove' AND e.address = 'agent-' || o.id))
"""


def machine(world: World) -> type[RuleBasedStateMachine]:  # noqa: C901 (the rules are its methods)
    """The machine's class, bound to a world."""
    run, company, j = world.run, world.company, world.company.j
    desk = Workers(j)

    class AnyOrder(RuleBasedStateMachine):
        calls: Bundle[CallId] = Bundle("calls")
        offers_made: Bundle[OfferId] = Bundle("offers_made")
        workers: Bundle[Register] = Bundle("workers")

        @initialize(target=workers, agents=st.sampled_from([3, 2, 1, 0]), attendants=st.integers(0, 3))
        def begin(self, agents: int, attendants: int) -> Any:
            world.begin()
            self.said: dict[OfferId, int] = {}
            self.sentences: dict[OfferId, int] = {}
            seats = {SeatKind.AGENT: agents, SeatKind.ATTENDANT: attendants}
            return multiple(*(self._starts(kind, count) for kind, count in seats.items() if count))

        @rule(target=calls, to=st.sampled_from(NUMBERS))
        def a_call_comes_in(self, to: str) -> CallId:
            return run(company.call(to))

        @rule(call=calls)
        def the_caller_hangs_up(self, call: CallId) -> None:
            run(arrived.caller_left(j, self._room(call)))

        # --- the line ------------------------------------------------------------------------------------------------

        @rule()
        def ringing_takes_too_long(self) -> None:
            world.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp() "
                      "WHERE attendant_due_at IS NOT NULL")  # fmt: skip

        @rule(target=offers_made, claims=st.sampled_from(["all", "all, unheard", "none"]), name=st.sampled_from(DESKS))
        def the_line_moves(self, claims: str, name: str) -> Any:
            """And whoever is asked takes time, or claims at once; unheard: while the media server is down."""
            run(waiting.move_once(j))
            made = self._offers("state = 'offered'")
            before, world.rooms.fail = world.rooms.fail, world.rooms.fail or claims == "all, unheard"
            for offer in made if claims != "none" else ():
                self.somebody_claims(offer, name)
            world.rooms.fail = before
            return multiple(*made)

        @rule()
        def waiting_takes_too_long(self) -> None:
            world.sql("UPDATE waiting_entries SET gives_up_at = clock_timestamp() WHERE gives_up_at IS NOT NULL")
            run(waiting.give_up_once(j))

        @rule(then=st.sampled_from(FALLBACKS))
        def waiting_brings_a_fallback(self, then: str) -> None:
            world.sql("UPDATE waiting_entries SET fallbacks = jsonb_build_array(jsonb_build_object("
                      "'after_seconds', 1, 'then', %s::jsonb)), next_fallback_at = clock_timestamp() "
                      "WHERE state IN ('waiting', 'offered') AND treatment IS NULL", then)  # fmt: skip
            run(waiting.overflow_once(j))

        @rule()
        def leases_run_out(self) -> None:
            world.sql("UPDATE offers SET lease_until = clock_timestamp() WHERE state = 'offered'")
            run(offers.expire_once(j))

        # --- workers and desks ---------------------------------------------------------------------------------------

        @rule(target=workers, kind=st.sampled_from(list(SeatKind)), seats=st.integers(1, 2))
        def a_worker_starts(self, kind: SeatKind, seats: int) -> Register:
            return self._starts(kind, seats)

        @rule(worker=workers)
        def a_worker_is_drained(self, worker: Register) -> None:
            try:
                run(drain(j, worker.worker))
            except NotFound:
                assert world.ids("SELECT state FROM workers WHERE name = %s", worker.worker) in (["lost"], ["gone"])

        @rule(worker=workers, idle=st.booleans(), draining=st.booleans())
        def a_worker_beats(self, worker: Register, idle: bool, draining: bool) -> None:
            """It lists all its jobs, or none because their processes ended over a second ago."""
            world.sql("UPDATE offers SET offered_at = offered_at - interval '1.5 s', "
                      "accepted_at = accepted_at - interval '1.5 s', ended_at = ended_at - interval '1.5 s', "
                      "released_at = released_at - interval '1.5 s'")  # fmt: skip
            live = [] if idle else self._offers(f"worker = '{worker.worker}' AND state IN {LIVE}")
            jobs = tuple(RunningJob(offer_id=offer) for offer in live)
            if not run(desk.beat(worker.worker, WorkerBeat(jobs=jobs, draining=draining))):
                run(desk.register(worker))

        @rule()
        def all_workers_fall_silent(self) -> None:
            world.sql("UPDATE workers SET last_beat_at = last_beat_at - interval '2 h'")
            run(offers.lose(j))

        @rule(name=st.sampled_from(DESKS))
        def a_desk_replica_dies(self, name: str) -> None:
            world.sql("UPDATE control_processes SET last_beat_at = last_beat_at - interval '2 h' WHERE name = %s", name)
            run(offers.lose(j))

        @rule(offer=offers_made, name=st.sampled_from(DESKS))
        def a_job_reconnects(self, offer: OfferId, name: str) -> None:
            world.reconnect(offer, name)

        # --- the media server ----------------------------------------------------------------------------------------

        @rule(state=st.sampled_from(["up", "down", "mute"]))
        def the_media_server_is(self, state: str) -> None:
            world.rooms.fail, world.rooms.mute = state == "down", state == "mute"

        @rule()
        def effects_are_swept(self) -> None:
            world.sweep()

        # --- jobs ----------------------------------------------------------------------------------------------------

        @rule(offer=offers_made, name=st.sampled_from(DESKS))
        def somebody_claims(self, offer: OfferId, name: str) -> None:
            world.desk_beats(name)
            run(answered.claimed(j, offer, 1, name))

        @rule(offer=consumes(offers_made))
        def somebody_refuses(self, offer: OfferId) -> None:
            run(offered.refused(j, offer, "no"))

        @rule(offer=offers_made)
        def the_callers_leg_becomes_active(self, offer: OfferId) -> None:
            run(answered.answered(j, offer, datetime.now(UTC)))

        @rule(offer=offers_made)
        def the_agent_is_heard(self, offer: OfferId) -> None:
            run(answered.first_frame(j, offer))

        @rule(offer=offers_made)
        def nothing_is_heard_of_a_job_for_a_moment(self, offer: OfferId) -> None:
            run(suspected.suspected(j, offer, "test"))

        @rule(offer=offers_made)
        def a_job_is_heard_of_again(self, offer: OfferId) -> None:
            run(suspected.recovered(j, offer))

        @rule(offer=offers_made, gone=st.booleans())
        def a_job_is_lost(self, offer: OfferId, gone: bool) -> None:
            run(left.lost(j, offer, "test", job_gone=gone))

        @rule(
            target=offers_made, place=st.integers(0, 1), gone=st.booleans(), silenced=st.booleans(), moves=st.booleans()
        )
        def a_live_agent_is_lost(self, place: int, gone: bool, silenced: bool, moves: bool) -> Any:
            """At this moment the media server can be told, or not; the router goes on at once, or later."""
            live = self._offers("state = 'accepted' AND kind = 'agent'")
            for offer in live[place : place + 1]:
                before, world.rooms.fail = world.rooms.fail, not silenced
                run(left.lost(j, offer, "test", job_gone=gone))
                world.rooms.fail = before
            return self.the_line_moves("all", DESKS[0]) if moves else multiple()

        @rule(offer=offers_made, failure=st.sampled_from([None, "model failed"]))
        def a_job_leaves(self, offer: OfferId, failure: str | None) -> None:
            run(left.left(j, offer, failure))

        @rule(offer=offers_made, reason=st.sampled_from(list(EndReason)))
        def somebody_says_goodbye(self, offer: OfferId, reason: EndReason) -> None:
            run(left.said_goodbye(j, offer, reason))

        @rule(offer=offers_made, skip=st.integers(-1, 1))
        def something_is_said(self, offer: OfferId, skip: int) -> None:
            seq, now = max(1, self.said.get(offer, 0) + 1 + skip), datetime.now(UTC)
            segment = Segment(offer_id=offer, speaker=Speaker.CALLER, seq=seq, text="x", started_at=now, ended_at=now)
            ack = run(said.said(j, segment))
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

        # --- what has to hold ----------------------------------------------------------------------------------------

        @invariant()
        def the_promises_hold(self) -> None:
            assert world.violations() == []

        @invariant()
        def i4_no_two_agents_of_one_call_may_publish(self) -> None:
            for room, identities in world.rooms.may_publish.items():
                agents = [identity for identity in identities if identity.startswith("agent-")]
                assert len(agents) <= 1, f"I4: {room}: {agents}"

        @invariant()
        def i4_who_may_publish_has_the_call_or_is_about_to_be_put_out(self) -> None:
            identities = {identity for room in world.rooms.may_publish.values() for identity in room}
            agents = [identity.removeprefix("agent-") for identity in identities if identity.startswith("agent-")]
            assert agents == [] or world.ids(FORGOTTEN, agents) == [], "I4"

        def teardown(self) -> None:
            """From any state every call can be brought to its end; then every seat becomes free, every room is deleted
            and nothing that was meant to be done outside is left undone."""
            world.rooms.fail = world.rooms.mute = False
            for call in world.ids("SELECT id FROM calls WHERE state <> 'ended'"):
                self.the_caller_hangs_up(CallId(call))
            for offer in self._offers("released_at IS NULL"):
                run(left.left(j, offer, None))
            world.sweep()
            assert world.ids("SELECT id FROM seats WHERE offer_id IS NOT NULL") == [], "I3"
            assert world.ids("SELECT id FROM calls WHERE outcome IS NULL") == [], "I1"
            assert world.ids(UNDONE) == []
            deleted = {what[1] for what in world.rooms.done if what[0] == "delete"}
            assert deleted == set(world.ids("SELECT room FROM calls"))
            assert not any(world.rooms.may_publish.values())

        def _starts(self, kind: SeatKind, seats: int) -> Register:
            number = world.ids("SELECT count(*) FROM workers")[0]
            worker = Register(worker=f"{kind}-{number}", kind=kind, seats=seats, pid=1)
            run(desk.register(worker))
            return worker

        @staticmethod
        def _room(call: CallId) -> str:
            return world.ids("SELECT room FROM calls WHERE id = %s", call)[0]

        @staticmethod
        def _offers(where: str) -> list[OfferId]:
            return [OfferId(i) for i in world.ids(f"SELECT id FROM offers WHERE {where} ORDER BY id")]

    return AnyOrder
