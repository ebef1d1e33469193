"""What becomes of an escalation, and how a supervisor stands: pure, over a snapshot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from callcenter.platform.plumbing.livekit_rooms import Rights
from callcenter.setup.queues.rules import AskSupervisors
from callcenter.stages.escalation.model import EscalationOfferState, EscalationState, Failure, Mode, Status

IDENTITY = "supervisor-"
JOIN_SECONDS = 15.0  # from the answer to Accept until the browser is in the room
CONSOLE_CLOSED_SECONDS = 2.0  # design.md, decision 5 as for jobs: closed 2 s or silent 4 s
CONSOLE_SILENT_SECONDS = 4.0
AUDIBLE = (Mode.BARGE, Mode.TAKE_OVER)


def identity_of(supervision_id: str) -> str:
    """The identity under which a supervisor joins the room."""
    return f"{IDENTITY}{supervision_id}"


def supervision_in(identity: str) -> str | None:
    """The supervision of this participant; None when it is somebody else."""
    return identity.removeprefix(IDENTITY) if identity.startswith(IDENTITY) else None


def rights(mode: Mode, *, held: bool = False) -> Rights:
    """What a mode allows at the media server. That a whisper reaches the agent alone is the publisher's to say, before
    it publishes (experiments, E5); the server takes it from the caller's leg besides. A caller on hold (`held`) hears
    music instead."""
    heard = mode in AUDIBLE and not held
    return Rights(hidden=mode is Mode.MONITOR, speaks=mode is not Mode.MONITOR, to_caller=heard)


@dataclass(frozen=True)
class Asked:
    """How the offers of one escalation stand. `candidates`: users who could be asked and were not, whoever has been
    idle longest first."""

    offers: tuple[EscalationOfferState, ...]
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """Offer it to these, fail, or (neither) wait."""

    offer_to: tuple[str, ...] = ()
    failure: Failure | None = None


WAIT = Step()


def step(state: EscalationState, asked: Asked, policy: AskSupervisors, *, overdue: bool) -> Step:
    """What an escalation that still asks needs now. Nobody available is waited for until the deadline; whoever was
    asked and said no is not asked again."""
    rings = EscalationOfferState.OFFERED in asked.offers
    if overdue:
        return Step(failure=_failure(state, asked.offers))
    if asked.candidates and (policy.strategy == "all_at_once" or not rings):
        chosen = asked.candidates if policy.strategy == "all_at_once" else asked.candidates[:1]
        return Step(offer_to=chosen)
    if rings or not asked.offers:
        return WAIT
    return Step(failure=_failure(state, asked.offers))


def _failure(state: EscalationState, offers: Collection[EscalationOfferState]) -> Failure:
    if state is EscalationState.ACCEPTED:
        return Failure.JOIN_FAILED
    if not offers:
        return Failure.NO_SUPERVISOR
    declined = all(offer is EscalationOfferState.DECLINED for offer in offers)
    return Failure.DECLINED if declined else Failure.OFFER_TIMEOUT


def sentence(failure: Failure, policy: AskSupervisors) -> str:
    """What the caller hears when nobody comes; empty where there is no caller any more."""
    return {
        Failure.NO_SUPERVISOR: policy.no_supervisor,
        Failure.DECLINED: policy.declined,
        Failure.OFFER_TIMEOUT: policy.offer_timeout,
        Failure.JOIN_FAILED: policy.join_failed,
        Failure.CALLER_LEFT: "",
    }[failure]


@dataclass(frozen=True)
class Standing:
    """What is known of one supervisor; None for the times that are not set."""

    chosen: Status
    reachable_until: datetime
    wrap_until: datetime | None
    in_call: bool


def status(standing: Standing, now: datetime) -> Status:
    """How they stand: in a call beats everything, then whether a console of theirs is open."""
    if standing.in_call:
        return Status.BUSY
    if standing.reachable_until <= now:
        return Status.OFFLINE
    if standing.chosen is Status.AVAILABLE and standing.wrap_until is not None and standing.wrap_until > now:
        return Status.WRAP_UP
    return standing.chosen


def is_dead(beat_at: datetime | None, closed_at: datetime | None, now: datetime) -> bool:
    """Whether a console in a call has been closed, or silent, for too long. One that never beat is judged by its leg in
    the room alone."""
    if closed_at is not None:
        return (now - closed_at).total_seconds() >= CONSOLE_CLOSED_SECONDS
    return beat_at is not None and (now - beat_at).total_seconds() >= CONSOLE_SILENT_SECONDS


def names(people: Sequence[str]) -> str:
    """People in a sentence of the timeline."""
    return " and ".join(people) if len(people) < 3 else f"{len(people)} supervisors"
