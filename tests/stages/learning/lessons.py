"""Short ways to say what is learned in a test. Nothing that is said here is known to the product."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from callcenter.journey import arrived, said
from callcenter.journey.tool_called import tool_called
from callcenter.platform.plumbing.chat import Chat
from callcenter.platform.plumbing.editions import ANYTHING
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.knowledge import DRAFT_LESSONS, SEARCH_KNOWLEDGE
from callcenter.platform.wire.messages import Segment
from callcenter.platform.wire.settings import Settings
from callcenter.platform.wire.tools import ToolCall, ToolResult
from callcenter.setup.audit.rules import Author
from callcenter.stages.learning import flow, read
from callcenter.stages.learning.loop import Drafter
from callcenter.stages.learning.model import LessonState
from callcenter.stages.learning.read import LessonRow
from tests.inroom.fake_models import FakeModels, Reply
from tests.journey.company import Company
from tests.stages.escalation.in_call import talking
from tests.stages.escalation.supervisors import Supervisors

QUESTION = "Does the kettle descaler also work for an espresso machine?"
ANSWER = "Yes, but only half a sachet, and rinse it twice afterwards."
ADA = Author("user:ada", "ada@demo.test")


def hands_in(*lessons: dict[str, Any], personal: tuple[dict[str, str], ...] = ()) -> Reply:
    """A model that drafts these lessons."""
    return Reply(tools=((DRAFT_LESSONS, {"lessons": list(lessons), "personal": list(personal)}),))


def lesson(question: str = QUESTION, answer: str = ANSWER, lines: tuple[int, ...] = (1, 2), when: str = "") -> Any:
    return {"question": question, "answer": answer, "applies_when": when, "lines": list(lines)}


@dataclass
class Learning:
    company: Company
    supervisors: Supervisors
    models: FakeModels

    @property
    def chat(self) -> Chat:
        return Chat(Settings(openai_base_url=self.models.url))

    @property
    def drafter(self) -> Drafter:
        return Drafter(self.company.j, self.chat)

    async def led_call(self, *lines: tuple[Speaker, str], ends: bool = True) -> CallId:
        """A call in which a supervisor leads and this is said, which has ended."""
        call_id, offer_id = await talking(self.company)
        seat = await self.supervisors.accepts(await self.supervisors.asked(offer_id))
        assert await self.supervisors.comes(seat)
        counts = dict.fromkeys(Speaker, 0)
        for speaker, text in lines:
            counts[speaker] += 1
            now = datetime.now(UTC)
            segment = Segment(
                offer_id=offer_id, speaker=speaker, seq=counts[speaker], text=text, started_at=now, ended_at=now,
                identity=seat.identity if speaker is Speaker.SUPERVISOR else "",
            )  # fmt: skip
            assert await said.said(self.company.j, segment) is not None
        if ends:
            await self.ends(call_id)
        return call_id

    async def ends(self, call_id: CallId) -> None:
        await arrived.caller_left(self.company.j, (await self.company.row(call_id))["room"])
        await self.company.j.performer.settle()
        await self.due_now()

    async def due_now(self) -> None:
        await self.company.sql("UPDATE lesson_tasks SET due_at = clock_timestamp() WHERE due_at IS NOT NULL")

    async def asked(self, question: str = QUESTION, answer: str = ANSWER) -> CallId:
        """A call in which a supervisor answers this, drafted as it was said."""
        self.models.think = lambda _: hands_in(lesson(question, answer))
        call_id = await self.led_call((Speaker.CALLER, question), (Speaker.SUPERVISOR, answer))
        assert await self.drafter.draft_once() == 1
        return call_id

    async def lessons(self) -> list[LessonRow]:
        """Oldest first."""
        async with self.company.j.db.transaction() as tx:
            return (await read.lessons(tx, 100))[::-1]

    async def decided(self, lesson_id: str, state: LessonState = LessonState.APPROVED) -> LessonRow:
        async with self.company.j.db.transaction() as tx:
            return await flow.decide(tx, ADA, lesson_id, state, ANYTHING)

    async def searches(self, offer_id: OfferId, question: str) -> ToolResult:
        arguments = {"question": question}
        call = ToolCall(offer_id=offer_id, tool_call_id=new_id(), name=SEARCH_KNOWLEDGE, arguments=arguments)
        return await tool_called(self.company.j, call)
