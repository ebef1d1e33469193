"""Short ways to say what supervisors do in a test."""

from dataclasses import dataclass

from callcenter.journey import sought, switched, took_part
from callcenter.journey.took_part import Seat
from callcenter.journey.tool_called import tool_called
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.platform.wire.tools import ToolCall
from callcenter.setup.audit.rules import Author
from callcenter.setup.users import store as users
from callcenter.setup.users.rules import Person
from callcenter.stages.escalation import loop, presences
from callcenter.stages.escalation.model import Mode, Status
from callcenter.stages.escalation.rules import identity_of
from tests.journey.company import Company

SAM, KIM, ADA = "sam@demo.test", "kim@demo.test", "admin@demo.test"


@dataclass
class Supervisors:
    """The supervisors of the demo company."""

    company: Company

    async def person(self, email: str = SAM) -> Person:
        async with self.company.j.db.transaction() as tx:
            known = await users.user_by_email(tx, email)
        assert known is not None
        return known.person

    async def stands(self, email: str = SAM, status: Status = Status.AVAILABLE, seconds: float = 3600) -> None:
        async with self.company.j.db.transaction() as tx:
            await presences.choose(tx, (await self.person(email)).id, status, seconds)

    async def asks(self, offer_id: OfferId, reason: str = "wants a person") -> None:
        """The agent asks for a human."""
        tool = ToolCall(offer_id=offer_id, tool_call_id=new_id(), name="ask_supervisor", arguments={"reason": reason})
        answer = await tool_called(self.company.j, tool)
        assert answer.error is None, answer

    async def asked(self, offer_id: OfferId, reason: str = "wants a person") -> str:
        """The agent asks for a human; the id of the call's open escalation."""
        await self.asks(offer_id, reason)
        (found,) = await self.company.ids(
            "SELECT e.id FROM escalations e JOIN offers o ON o.call_id = e.call_id "
            f"WHERE e.ended_at IS NULL AND o.id = '{offer_id}'"
        )
        return found

    async def seek(self) -> int:
        return await loop.seek_once(self.company.j)

    async def accepts(self, escalation_id: str, email: str = SAM, mode: Mode = Mode.TAKE_OVER) -> Seat:
        person = await self.person(email)
        return await took_part.accepted(self.company.j, escalation_id, person, self.author(person), mode)

    async def declines(self, escalation_id: str, email: str = SAM) -> None:
        await sought.declined(self.company.j, escalation_id, (await self.person(email)).id)

    async def steps_in(self, call_id: CallId, email: str = SAM, mode: Mode | None = None) -> Seat:
        person = await self.person(email)
        return await took_part.steps_in(self.company.j, call_id, person, self.author(person), mode)

    async def comes(self, seat: Seat) -> bool:
        return await took_part.came(self.company.j, identity_of(seat.supervision_id))

    async def switches(self, call_id: CallId, mode: Mode, email: str = SAM, epoch: int | None = None) -> None:
        person = await self.person(email)
        await switched.switched(self.company.j, call_id, person, self.author(person), mode, epoch)

    async def hands_back(self, call_id: CallId, email: str = SAM, epoch: int | None = None) -> None:
        person = await self.person(email)
        await switched.handed_back(self.company.j, call_id, person, self.author(person), epoch)

    async def leaves(self, call_id: CallId, email: str = SAM) -> None:
        await took_part.leaves(self.company.j, call_id, await self.person(email))

    async def rings_at(self) -> list[str]:
        return await self.company.ids(
            "SELECT u.email FROM escalation_offers o JOIN users u ON u.id = o.user_id "
            "WHERE o.state = 'offered' ORDER BY u.email"
        )

    async def stand(self, escalation_id: str) -> str:
        """Its state, with the failure if there is one."""
        (found,) = await self.company.ids(
            f"SELECT state || coalesce(' ' || failure, '') FROM escalations WHERE id = '{escalation_id}'"
        )
        return found

    @staticmethod
    def author(person: Person) -> Author:
        return Author(f"user:{person.id}", person.email)
