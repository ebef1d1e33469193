"""A call of the line whose callers speak with a human first."""

from datetime import UTC, datetime

from callcenter.journey import answered
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.brief import AgentBrief
from callcenter.platform.wire.messages import Claimed
from callcenter.setup.entries import store as entries
from callcenter.setup.profiles.store import PROFILES
from callcenter.setup.queues.store import QUEUES
from tests.journey.company import Company

HUMAN_FIRST = "+15550105"
SORRY = "I am sorry, none of my colleagues"
HELP = "I will help you as well as I can."
WAIT = (
    "I am sorry, none of our people can take your call right now. Please stay on the line, our assistant will help you."
)


async def company_keeps(company: Company) -> tuple[CallId, str]:
    """A caller of the line whom an attendant keeps company; and the attendant's worker."""
    await company.worker()
    worker = await company.worker(SeatKind.ATTENDANT)
    call_id = await company.call(HUMAN_FIRST)
    await company.move()
    offer_id, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    assert answer.attendant.opening.startswith("Welcome to the demo shop")
    assert not answer.attendant.then_end
    await answered.answered(company.j, offer_id, datetime.now(UTC))
    return call_id, worker


async def agents_offered(company: Company) -> list[str]:
    return await company.ids("SELECT id FROM offers WHERE kind = 'agent'")


async def escalation_of(company: Company, call_id: CallId) -> str:
    (found,) = await company.ids(f"SELECT id FROM escalations WHERE call_id = '{call_id}'")
    return found


async def listens(company: Company, call_id: CallId) -> tuple[OfferId, AgentBrief]:
    """The next agent claims the call; its offer and what it is told."""
    await company.move()
    offer_id, answer = await company.claim(call_id)
    assert isinstance(answer, Claimed)
    assert answer.agent is not None
    return offer_id, answer.agent


async def told(company: Company, offer_id: OfferId) -> list[str]:
    """Of each word that the agent got of how the call stands: who leads, and what it is to say."""
    return await company.ids(
        "SELECT concat_ws(' ', payload -> 'message' ->> 'lead', payload -> 'message' ->> 'back', "
        "nullif(payload -> 'message' ->> 'sentence', '')) FROM effects "
        f"WHERE address = '{offer_id}' AND payload -> 'message' ->> 'type' = 'supervised' ORDER BY id"
    )


async def new_plans(company: Company) -> list[str]:
    """What attendants were told to say from now on, each with the seconds of music before."""
    return await company.ids(
        "SELECT concat_ws(' ', payload -> 'message' -> 'plan' ->> 'opening_after', "
        "payload -> 'message' -> 'plan' ->> 'opening') "
        "FROM effects WHERE payload -> 'message' ->> 'type' = 'new_plan' ORDER BY id"
    )


async def speaks(company: Company, language: str, **supervisors: str) -> None:
    """The line's profile is one of this language, and its queue says this of supervisors."""
    async with company.j.db.transaction() as tx:
        profile = await entries.find(tx, PROFILES, "shop", lock=True)
        queue = await entries.find(tx, QUEUES, "support", lock=True)
        assert profile is not None
        assert queue is not None
        await entries.update(tx, PROFILES, "shop", profile.body.model_copy(update={"language": language}))
        asking = queue.body.supervisors.model_copy(update=supervisors)
        await entries.update(tx, QUEUES, "support", queue.body.model_copy(update={"supervisors": asking}))
