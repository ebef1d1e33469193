"""What the agent notes for the human who leads: read from the model's answer, thought once at a time."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import AgentSession, llm

from callcenter.inroom.agent.assistant import Assistant, instruction, read
from callcenter.platform.wire.brief import NamedField
from callcenter.platform.wire.supervision import MOST_SUGGESTED, Assistance

pytestmark = pytest.mark.pure

FIELDS = (NamedField(name="who", description="the caller's name"), NamedField(name="order number"))


def test_the_model_is_told_which_fields_to_fill() -> None:
    assert "who (the caller's name); order number" in instruction(FIELDS)
    assert "text: none}" in instruction(())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            'Here it is:\n```json\n{"summary": " A parcel. ", "suggestions": ["Send it again", ""], '
            '"fields": {"who": "Eve", "order number": 4711, "where": null}}\n```',
            Assistance(
                offer_id="o", summary="A parcel.", suggestions=("Send it again",),
                fields={"who": "Eve", "order number": "4711"},
            ),
        ),
        ('{"summary": 7, "suggestions": "no list", "fields": []}', Assistance(offer_id="o", summary="7")),
        ("I cannot do that.", None),
        ('{"summary": ', None),
        ("[1, 2]", None),
    ],
)  # fmt: skip
def test_what_a_model_answers_is_read_as_far_as_it_makes_sense(answer: str, expected: Assistance | None) -> None:
    assert read(answer, "o") == expected


def test_no_more_is_told_than_the_desk_takes() -> None:
    found = read('{"suggestions": ["a","b","c","d","e","f","g"], "summary": "' + "x" * 9000 + '"}', "o")
    assert found is not None
    assert len(found.suggestions) == MOST_SUGGESTED
    assert Assistance.model_validate(found.model_dump()) == found


class Model(llm.LLM[Any]):
    """Answers each question with the next of these, as soon as it is let."""

    def __init__(self, *answers: str) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[str] = []
        self.let = asyncio.Event()

    def chat(self, *, chat_ctx: llm.ChatContext, **_: Any) -> Any:
        message = chat_ctx.items[-1]
        assert isinstance(message, llm.ChatMessage)
        self.asked.append(message.text_content or "")
        return Stream(self)


class Stream:
    def __init__(self, model: Model) -> None:
        self._model = model

    async def __aenter__(self) -> "Stream":
        await self._model.let.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def __aiter__(self) -> Any:
        delta = SimpleNamespace(content=self._model.answers.pop(0))
        yield SimpleNamespace(delta=delta)


async def test_what_is_said_meanwhile_is_thought_about_once_more_and_nonsense_stops_nothing() -> None:
    model, told = Model("no sense", '{"summary": "two"}'), asyncio.Queue[Assistance]()
    session = cast(AgentSession[None], SimpleNamespace(llm=model))
    helper = Assistant(session, FIELDS, llm.ChatContext.empty, told.put_nowait, settle_seconds=0)
    helper.wanted()
    while not model.asked:
        await asyncio.sleep(0)
    for _ in range(3):
        helper.wanted()
    model.let.set()
    assert (await asyncio.wait_for(told.get(), 5)).summary == "two"
    assert len(model.asked) == 2
    helper.close()
