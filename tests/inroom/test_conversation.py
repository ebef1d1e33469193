"""What an agent makes of a call that others had before: what its model sees, and how it begins."""

import pytest
from livekit.agents import llm

from callcenter.inroom.agent.conversation import Opening, opening, past_conversation
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import AgentBrief, ModelEndpoint, PastToolCall, PastTurn

pytestmark = pytest.mark.pure

MODEL = ModelEndpoint(model="m")
AGENT, CALLER, ATTENDANT, SUPERVISOR = Speaker.AGENT, Speaker.CALLER, Speaker.ATTENDANT, Speaker.SUPERVISOR


def brief(*speakers: Speaker, filed_after: int | None = None, summary: str = "") -> AgentBrief:
    """A call in which these spoke one after the other, and a problem was filed after so many turns."""
    filed = PastToolCall(
        after_turn=filed_after or 0,
        tool_call_id="one",
        name="report_problem",
        arguments={"order_number": "4711"},
        result={"reference": "30001"},
    )
    return AgentBrief(
        profile="shop", instructions="Help.", greeting="Hello.", stt=MODEL, llm=MODEL, tts=MODEL, summary=summary,
        history=tuple(PastTurn(speaker=speaker, text=speaker) for speaker in speakers),
        tool_calls=() if filed_after is None else (filed,),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("speakers", "filed_after", "expected"),
    [
        ((), None, Opening.GREET),
        ((ATTENDANT,), None, Opening.GREET),
        ((AGENT,), None, Opening.RESUME),
        ((AGENT, CALLER), None, Opening.REPLY),
        ((AGENT, CALLER, ATTENDANT), None, Opening.REPLY),
        ((AGENT, CALLER, AGENT, ATTENDANT), None, Opening.RESUME),
        ((AGENT, CALLER, SUPERVISOR), None, Opening.RESUME),
        ((CALLER,), None, Opening.REPLY),
        ((AGENT, CALLER), 2, Opening.REPLY),
        ((AGENT, CALLER, ATTENDANT), 2, Opening.REPLY),
        ((AGENT, CALLER, AGENT), 3, Opening.REPLY),
        ((AGENT, CALLER, AGENT), 2, Opening.RESUME),
        ((AGENT, CALLER, AGENT), 0, Opening.RESUME),
        ((AGENT, CALLER, AGENT, CALLER), 2, Opening.REPLY),
    ],
)
def test_an_agent_begins_with_what_the_caller_waits_for(
    speakers: tuple[Speaker, ...], filed_after: int | None, expected: Opening
) -> None:
    assert opening(brief(*speakers, filed_after=filed_after)) is expected


def test_a_sentence_that_an_agent_could_not_finish_is_no_answer() -> None:
    half = PastTurn(speaker=AGENT, text="I have reported", unfinished=True)
    told = brief(AGENT, CALLER, filed_after=2)
    told = told.model_copy(update={"history": (*told.history, half)})
    assert opening(told) is Opening.REPLY
    assert [item.type for item in past_conversation(told).items][-1] == "function_call_output"
    assert opening(brief().model_copy(update={"history": (half,)})) is Opening.RESUME


def test_a_colleagues_words_are_known_to_the_model_as_theirs_and_announcements_are_nobodys() -> None:
    messages = past_conversation(brief(CALLER, AGENT, ATTENDANT, SUPERVISOR)).messages()
    assert [message.role for message in messages] == ["user", "assistant", "assistant"]
    assert "colleague" in (messages[-1].text_content or "")


def test_the_model_sees_a_tool_call_with_its_answer_where_it_happened() -> None:
    context = past_conversation(brief(AGENT, CALLER, AGENT, CALLER, filed_after=2))
    kinds = [item.role if isinstance(item, llm.ChatMessage) else item.type for item in context.items]
    assert kinds == ["assistant", "user", "function_call", "function_call_output", "assistant", "user"]


def test_an_answer_that_was_not_said_comes_last_and_as_openai_takes_it() -> None:
    context = past_conversation(brief(AGENT, CALLER, ATTENDANT, filed_after=2, summary="Earlier …"))
    messages, _ = context.to_provider_format("openai")
    assert [message["role"] for message in messages] == ["user", "assistant", "user", "assistant", "tool"]
    asked, told = messages[3]["tool_calls"][0], messages[4]
    assert (asked["function"]["name"], asked["function"]["arguments"]) == ("report_problem", '{"order_number": "4711"}')
    assert (told["tool_call_id"], told["content"]) == (asked["id"], '{"reference": "30001"}')


def test_a_tool_that_failed_is_seen_as_failed() -> None:
    failed = PastToolCall(after_turn=0, tool_call_id="one", name="order_status", error="I cannot find it.")
    _, output = past_conversation(brief().model_copy(update={"tool_calls": (failed,)})).items
    assert isinstance(output, llm.FunctionCallOutput)
    assert (output.output, output.is_error) == ("I cannot find it.", True)
