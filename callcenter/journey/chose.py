"""A caller chose: in a menu, by key or word, or while waiting in line. That begins, and the attendant is told what it
plays from now on."""

from typing import assert_never

from callcenter.journey import call_back_checked, call_back_promised
from callcenter.journey.admitted import is_full
from callcenter.journey.arrived import decided
from callcenter.journey.human_first import asked_in_line
from callcenter.journey.placed import stand_in_line
from callcenter.journey.planned import language_of, plan
from callcenter.journey.replanned import replanned
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import OfferId
from callcenter.platform.plumbing.livekit_calls import OutboundTrunk
from callcenter.platform.wire.asking import Announce, NewPlan
from callcenter.platform.wire.base import SeatKind
from callcenter.records.calls import read as past_calls
from callcenter.records.calls import store as calls
from callcenter.records.calls.store import LockedCall
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import OtherQueue, QueueBody, WaitingKey
from callcenter.setup.rule_sets import actions
from callcenter.setup.rule_sets import store as rule_sets
from callcenter.stages.offers.model import OfferState
from callcenter.stages.routing.facts import Facts
from callcenter.stages.routing.flow import settle
from callcenter.stages.routing.kept import known
from callcenter.stages.routing.rules import NO_KEY
from callcenter.stages.waiting import store as waiting
from callcenter.stages.waiting.model import WaitingState
from callcenter.stages.waiting.store import Entry
from callcenter.stages.waiting.treatment import CallBackCheck, CallBackOffer, Menu, Treatment, treatment_of
from callcenter.stages.waiting.words import words_of

WHILE_WAITING = 0  # the number of what is no question


async def chose(
    j: Journey, offer_id: OfferId, number: int, key: str | None, *, spoken: bool = False, digits: str | None = None
) -> NewPlan | Announce | None:
    """Do what the caller chose of what the attendant of this offer asked (`number`) or lets them press while they wait.
    A key of None is no choice in time. An answer that comes again changes nothing and is told what is played now; None
    when there is nothing to tell: the call is over, somebody else's, or an agent is just asked for it. Where a key that
    is pressed while waiting leads is told by a command."""
    trunks = await call_back_promised.trunks_for(j, offer_id)
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or locked[1].kind is not SeatKind.ATTENDANT or locked[1].state is not OfferState.ACCEPTED:
            return None
        call = locked[0]
        entry = await waiting.entry(tx, call.id)
        if not call.live or entry is None or entry.state is not WaitingState.WAITING:
            return None
        if number == WHILE_WAITING:
            return await _while_waiting(tx, j, call, entry, offer_id, key) if key and entry.treatment is None else None
        if isinstance(entry.treatment, Menu) and number == entry.treatment.asked + 1:
            await _answered(tx, j, call, entry.treatment, key, spoken=spoken)
        if isinstance(entry.treatment, CallBackOffer | CallBackCheck) and number == entry.treatment.asked + 1:
            await _about_call_back(tx, j, call, entry, key, digits, trunks)
        return await _told(tx, call, offer_id)


async def _about_call_back(
    tx: Tx, j: Journey, call: LockedCall, entry: Entry, key: str | None, digits: str | None,
    trunks: list[OutboundTrunk] | None,
) -> None:  # fmt: skip
    language = await language_of(tx, call)
    if isinstance(entry.treatment, CallBackOffer):
        await call_back_promised.answered(tx, call, entry, entry.treatment, key, digits, language, trunks)
    elif isinstance(entry.treatment, CallBackCheck):
        await call_back_checked.answered(tx, j, call, entry.treatment, key, language)


async def nothing(tx: Tx, j: Journey, call: LockedCall, menu: Menu) -> None:
    """Nobody is there to ask this menu of a locked call: it goes on as if nothing were chosen."""
    await _go_on(tx, j, call, NO_KEY * (menu.menu.repeats + 1))


async def _answered(
    tx: Tx, j: Journey, call: LockedCall, menu: Menu, key: str | None, *, spoken: bool
) -> None:  # fmt: skip
    option = menu.menu.options.get(key or "")
    if key is not None:
        await _note(tx, call, key, option.name if option else None, spoken=spoken)
    await _go_on(tx, j, call, key or NO_KEY)


async def _go_on(tx: Tx, j: Journey, call: LockedCall, keys: str) -> None:
    """Decide again with these keys, by the rules that brought the call to its menu and by what was known then: rules
    that were published meanwhile are for others."""
    routing = await past_calls.routing(tx, call.id)
    body = await rule_sets.once_published(tx, routing.version) if routing and routing.version is not None else None
    if routing is None or routing.version is None or body is None:
        raise AssertionError("a menu belongs to a version of the rules")
    kept = {"entered": False, "at": routing.arrived_at, "digits": (), "digits_at": (), **known(routing.facts)}
    waited = round((await tx.now() - routing.arrived_at).total_seconds())
    kept["digits_at"] = (*kept["digits_at"], *(waited for _ in keys))
    kept["digits"] = (*kept["digits"], *keys)
    facts = Facts(**kept, to=routing.to, from_=routing.from_, call_id=call.id)
    route = await settle(tx, routing.version, body, facts)
    await decided(tx, j, call, route)


async def _while_waiting(
    tx: Tx, j: Journey, call: LockedCall, entry: Entry, offer_id: OfferId, key: str
) -> Announce | None:
    queue = await queues.find(tx, entry.queue) if entry.queue else None
    chosen = queue.keys.get(key) if queue else None
    await _note(tx, call, key, chosen.name if chosen else None, spoken=False)
    if queue is None or chosen is None:
        return None
    if chosen.then == "person":
        if await asked_in_line(tx, call, queue):
            return Announce(offer_id=offer_id, texts=(queue.supervisors.asking,))
        words = words_of(await language_of(tx, call))
        return Announce(offer_id=offer_id, texts=(words.nobody_to_ask,) if words else ())
    await _leave_line(tx, j, call, entry.queue or "", queue, chosen)
    await waiting.attendant_there(tx, call.id)
    await replanned(tx, call.id)  # an answer may be lost with its connection, and such a key is not pressed again
    return None


async def _leave_line(tx: Tx, j: Journey, call: LockedCall, name: str, queue: QueueBody, chosen: WaitingKey) -> None:
    """Into another queue, with the arrival as it was; or to what is kept beside the place in this one."""
    match chosen.then:
        case OtherQueue(queue=other):
            await _change_queue(tx, j, call, queue, other)
        case "call_back":
            text = actions.CallBack.model_fields["text"].default
            offer = CallBackOffer(queue=name, profile=call.profile or queue.profile, text=text)
            await waiting.treat(tx, call.id, offer, told=True)
        case "voicemail":
            await waiting.treat(tx, call.id, _box(name), told=True)
        case "person":
            raise AssertionError("who asks for a person stays in line")
        case unreachable:
            assert_never(unreachable)


def _box(name: str) -> Treatment:
    return treatment_of(actions.Voicemail(action="voicemail", box=name), without_text="")


async def _change_queue(tx: Tx, j: Journey, call: LockedCall, left: QueueBody, name: str) -> None:
    """A call keeps its arrival, its priority and the skills that its rule asks for, not those of the queue that it has
    left; where the other queue is full, it stays."""
    queue, entry = await queues.find(tx, name), await waiting.entry(tx, call.id)
    if queue is None or entry is None or name == call.queue or await is_full(tx, name, queue, call.id):
        return
    await calls.set_queue(tx, call.id, name, queue.profile, entry.priority)
    line = actions.ToQueue(
        action="queue", queue=name, priority=entry.priority, preferred_skills=entry.preferred_skills,
        required_skills=tuple(skill for skill in entry.required_skills if skill not in left.required_skills),
        prefer_seconds=entry.prefer_seconds,
    )  # fmt: skip
    await stand_in_line(tx, j, call.id, line, queue, f"The caller chose another queue than '{call.queue}'")


async def _told(tx: Tx, call: LockedCall, offer_id: OfferId) -> NewPlan | None:
    """What the attendant plays for the call as it stands now, which it has its time for."""
    now = await calls.lock(tx, call.id)
    if now is None or not now.live:
        return None
    await waiting.attendant_there(tx, call.id)
    return NewPlan(offer_id=offer_id, plan=await plan(tx, now))


async def _note(tx: Tx, call: LockedCall, key: str, name: str | None, *, spoken: bool) -> None:
    how = "said" if spoken else "pressed"
    summary = f"The caller {how} '{name}'" if name else f"The caller {how} {key}, which means nothing here"
    data = {"key": key, "name": name, "by": "voice" if spoken else "key"}
    await timeline.write(tx, call.id, EventType.KEY_PRESSED, summary, data)
