"""An agent that listens helps the human who leads: it fills fields, keeps a summary and suggests answers; the human
notes how the call went."""

from collections.abc import Mapping, Sequence

from callcenter.journey.escalated import NoSuchCall
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.supervision import Assistance
from callcenter.records.calls import store as calls
from callcenter.records.notes import store as notes
from callcenter.records.notes.store import Noted
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.profiles import store as profiles
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import AskSupervisors
from callcenter.setup.users.rules import Person
from callcenter.stages.offers.model import OfferState


def filled(known: Mapping[str, str], found: Mapping[str, str], named: Sequence[str]) -> dict[str, str]:
    """The fields as they stand now: those of the profile alone, and nothing is emptied again."""
    return {name: value for name in named if (value := (found.get(name) or known.get(name, "")).strip())}


def fresh(known: Sequence[str], suggested: Sequence[str]) -> list[str]:
    """Suggestions that were not made before, each once."""
    return [text for text in dict.fromkeys(one.strip() for one in suggested) if text and text not in known]


async def assisted(j: Journey, message: Assistance) -> bool:
    """Keep what the agent of this offer has noted, and show it in the console; False when that is nothing new, or the
    agent is not the call's any more."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, OfferId(message.offer_id))
        if locked is None or not locked[0].live or locked[1].state is not OfferState.ACCEPTED:
            return False
        call = locked[0]
        profile = await profiles.find(tx, call.profile) if call.profile else None
        before = await notes.of_call(tx, call.id)
        fields = filled(before.fields, message.fields, [one.name for one in profile.fields] if profile else [])
        suggestions = fresh(before.suggestions, message.suggestions)
        summary = message.summary.strip() or before.summary
        if not suggestions and fields == before.fields and summary == before.summary:
            return False
        await notes.keep_assistance(tx, call.id, fields, summary, [*before.suggestions, *suggestions])
        await timeline.write(
            tx, call.id, EventType.ASSISTED, "The agent that listens has noted something",
            {"fields": fields, "summary": summary, "suggestions": suggestions}, actor=timeline.AGENT,
        )  # fmt: skip
        return True


async def dispositions(tx: Tx, queue: str | None) -> tuple[str, ...]:
    """Of which a supervisor chooses one for a call of this queue."""
    found = await queues.find(tx, queue) if queue else None
    return (found.supervisors if found else AskSupervisors()).dispositions


async def wrapped_up(j: Journey, call_id: CallId, person: Person, disposition: str | None, text: str) -> Noted:
    """A supervisor notes how the call went, in it or afterwards. Raises NoSuchCall, and Invalid for a disposition that
    the call's queue does not have."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        if call is None:
            raise NoSuchCall()
        allowed = await dispositions(tx, call.queue)
        if disposition is not None and disposition not in allowed:
            raise Invalid(errors=(FieldError("disposition", disposition, f"one of {', '.join(allowed)}"),))
        await notes.keep_wrap_up(tx, call.id, disposition, text)
        await timeline.write(
            tx, call.id, EventType.CALL_NOTED, f"{person.name} has noted how the call went",
            {"disposition": disposition, "notes": text}, actor=f"user:{person.id}",
        )  # fmt: skip
        return await notes.of_call(tx, call.id)
