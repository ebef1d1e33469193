"""Human first, by a rule or because the caller in line asks for one: the caller waits with an attendant while
supervisors are asked, and agents are kept for what follows. When one accepts, an agent is found that listens from their
first word on; when nobody takes the call, the caller hears so (nobody_came.py), and it is in line like any other."""

from callcenter.journey.escalated import Ask, escalate
from callcenter.journey.parted import close
from callcenter.journey.planned import language_of
from callcenter.journey.replanned import announce, replanned
from callcenter.journey.told import agent_of, attendants_fade
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import store as calls
from callcenter.records.calls.model import Lead
from callcenter.records.calls.store import LockedCall
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets.actions import HumanFirst
from callcenter.stages.escalation import presences, store
from callcenter.stages.escalation.model import EscalationState, Failure, Trigger
from callcenter.stages.escalation.rules import JOIN_SECONDS
from callcenter.stages.offers import store as offers
from callcenter.stages.waiting import places
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.model import WaitingState
from callcenter.stages.waiting.treatment import AskHuman
from callcenter.stages.waiting.words import words_of

REASON = "The caller is to speak with a human first."
ASKED = "The caller, who waits in line, asks for a human."
BEFORE_AGENTS = (Trigger.HUMAN_FIRST, Trigger.CALLER)  # for a human may be asked before an agent was in the call
# Should the router not have said by then that nobody comes, the call goes on without it having said so.
LATER_SECONDS = 5.0


async def ask_first(tx: Tx, arrived: LockedCall, line: HumanFirst, queue: QueueBody) -> bool:
    """Ask the supervisors for this call, which stands in line; False when none can be asked, so that it stays there,
    and the caller is to hear why."""
    call = await calls.lock(tx, arrived.id)  # as this transaction has routed it
    ask = Ask(Trigger.HUMAN_FIRST, REASON, within_seconds=line.ask_seconds)
    escalation_id = await escalate(tx, call, ask) if call is not None else None
    if call is None or escalation_id is None:
        return False
    if await presences.available(tx, queue.supervisors.skill) == 0:
        escalation = await store.find(tx, escalation_id)
        if escalation is not None:
            await close(tx, escalation, Failure.NO_SUPERVISOR, "nobody was available")
        return False
    await waiting.treat(tx, call.id, AskHuman(seconds=line.ask_seconds), told=False)
    await waiting.limited(tx, call.id, line.ask_seconds + JOIN_SECONDS + LATER_SECONDS)
    return True


async def asked_in_line(tx: Tx, call: LockedCall, queue: QueueBody) -> bool:
    """The caller of this locked call, whom an attendant keeps company in line, asks for a human; False when none can be
    asked. The place is kept."""
    policy = queue.supervisors
    if await presences.available(tx, policy.skill) == 0 or await escalate(tx, call, Ask(Trigger.CALLER, ASKED)) is None:
        return False
    seconds = policy.nobody_seconds + policy.wait_seconds
    await waiting.treat(tx, call.id, AskHuman(seconds=seconds, by_caller=True), told=True)
    await waiting.limited(tx, call.id, seconds + JOIN_SECONDS + LATER_SECONDS)
    return True


async def asks_first(tx: Tx, call: LockedCall) -> bool:
    """Whether this call waits for a human, and for nobody else."""
    entry = await waiting.entry(tx, call.id)
    return entry is not None and isinstance(entry.treatment, AskHuman)


async def human_comes(tx: Tx, call: LockedCall) -> bool:
    """Whether a supervisor has accepted this call before any agent led it, and is on the way: an agent that comes
    meanwhile is silent, and the attendant goes on playing."""
    if call.lead in (Lead.AGENT, Lead.SUPERVISOR):
        return False
    escalation = await store.open_of(tx, call.id)
    return (
        escalation is not None and escalation.state is EscalationState.ACCEPTED and escalation.trigger in BEFORE_AGENTS
    )


async def listener_wanted(tx: Tx, call: LockedCall) -> None:
    """A supervisor is on the way: an agent is sought that hears their first words. Only beside an attendant: the track
    of an agent answers the telephone, and the caller would hear nothing (I7)."""
    if call.lead is Lead.ATTENDANT and await asks_first(tx, call):
        await places.resume(tx, call.id, None, fallbacks=False)


async def listens_to_nobody(tx: Tx, call: LockedCall) -> bool:
    """Whether an agent was sought to listen to a human who does not come to speak."""
    waits = call.lead in (Lead.NONE, Lead.ATTENDANT)
    return waits and await agent_of(tx, call) is not None and not await human_comes(tx, call)


async def human_has_it(tx: Tx, call: LockedCall) -> None:
    """A supervisor leads a call that no agent has led: the attendant goes, and an agent is sought that listens, unless
    one is there or asked."""
    if not any(offer.kind is SeatKind.AGENT for offer in await offers.live_of(tx, call.id)):
        await places.resume(tx, call.id, None)
    await waiting.without_limits(tx, call.id)
    await attendants_fade(tx, call.id)


async def agent_instead(tx: Tx, call: LockedCall) -> bool:
    """No human comes: the next agent has the call, and begins with the news, unless the caller has chosen something
    else meanwhile. False when an agent is in the call already."""
    if await agent_of(tx, call) is not None:
        return False
    entry = await waiting.entry(tx, call.id)
    if entry is None or (entry.treatment is not None and not isinstance(entry.treatment, AskHuman)):
        return True
    queue = await queues.find(tx, call.queue) if call.queue else None
    limit = queue.max_wait_seconds if queue else None
    if entry.state is WaitingState.WAITING:
        await places.resume(tx, call.id, limit)
    else:  # an agent is just asked
        await waiting.limited(tx, call.id, limit)
    await replanned(tx, call.id, welcomed=True)
    by_caller = entry.treatment is not None and entry.treatment.by_caller
    if by_caller and (words := words_of(await language_of(tx, call))):
        await announce(tx, call.id, words.nobody_to_ask)
    return True
