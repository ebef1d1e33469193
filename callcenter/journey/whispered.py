"""A supervisor whispers to the agent in writing: the caller never hears of it, and the agent says what it will do."""

from callcenter.journey.escalated import CallOver, NoSuchCall
from callcenter.journey.switched import NobodyTalks
from callcenter.journey.told import agent_of, tell
from callcenter.journey.verb import Journey, lock_offer
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.platform.wire.supervision import Whisper
from callcenter.records.calls import store as calls
from callcenter.records.timeline import store as timeline
from callcenter.records.timeline.model import EventType
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.setup.users.rules import Person


async def whispered(j: Journey, call_id: CallId, person: Person, author: Author, text: str) -> str:
    """Tell the agent of this call something; the id of the whisper. Raises NoSuchCall, CallOver, NobodyTalks."""
    async with j.verb() as tx:
        call = await calls.lock(tx, call_id)
        if call is None:
            raise NoSuchCall()
        if not call.live:
            raise CallOver()
        agent = await agent_of(tx, call)
        if agent is None:
            raise NobodyTalks()
        whisper_id = new_id()
        await timeline.write(
            tx, call.id, EventType.WHISPERED, f"{person.name} whispers to the agent",
            {"whisper_id": whisper_id, "text": text}, actor=f"user:{person.id}",
        )  # fmt: skip
        await audit.record(tx, author, Change.CHANGED, Thing.CALL, call.id, after={"whisper_id": whisper_id})
        await tell(tx, call, Whisper(offer_id=agent.id, whisper_id=whisper_id, text=text))
        return whisper_id


async def whisper_heard(j: Journey, offer_id: OfferId, whisper_id: str, text: str) -> None:
    """The agent has acknowledged a whisper, to the supervisor alone."""
    async with j.verb() as tx:
        locked = await lock_offer(tx, offer_id)
        if locked is None or not locked[0].live:
            return
        await timeline.write(
            tx, locked[0].id, EventType.WHISPER_HEARD, "The agent says what it will change",
            {"whisper_id": whisper_id, "text": text}, actor=timeline.AGENT,
        )  # fmt: skip
