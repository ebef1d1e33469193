"""A call in which supervisors take part, and what its agent is told."""

from datetime import UTC, datetime

from callcenter.journey import answered, took_part
from callcenter.platform.plumbing.ids import CallId, OfferId
from tests.journey.company import Company
from tests.stages.escalation.supervisors import Supervisors


async def talking(company: Company) -> tuple[CallId, OfferId]:
    """An answered call that an agent leads."""
    await company.worker()
    call_id, offer_id = await company.talking()
    await answered.answered(company.j, offer_id, datetime.now(UTC))
    return call_id, offer_id


async def sentences(company: Company, offer_id: OfferId) -> list[str]:
    """What the agent was told to say to the caller next."""
    return await company.ids(
        f"SELECT payload -> 'message' ->> 'text' FROM effects WHERE address = '{offer_id}' "
        "AND payload -> 'message' ->> 'type' = 'say_next' ORDER BY id"
    )


async def told(company: Company, offer_id: OfferId) -> list[str]:
    """What the agent was told of who leads: who, at which epoch, and why it is back."""
    return await company.ids(
        "SELECT (payload -> 'message' ->> 'lead') || ' ' || (payload -> 'message' ->> 'epoch') || ' ' "
        f"|| coalesce(payload -> 'message' ->> 'back', '-') FROM effects WHERE address = '{offer_id}' "
        "AND payload -> 'message' ->> 'type' = 'supervised' ORDER BY id"
    )


async def leading(company: Company, supervisors: Supervisors) -> tuple[CallId, OfferId, took_part.Seat]:
    """A supervisor leads a call that the agent escalated."""
    call_id, offer_id = await talking(company)
    seat = await supervisors.accepts(await supervisors.asked(offer_id))
    assert await supervisors.comes(seat)
    return call_id, offer_id, seat
