"""Tool calls on a real Postgres: what a tool changes happens exactly once, and a successor knows of all of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter.journey.answered import claimed
from callcenter.journey.left import lost
from callcenter.journey.said import said
from callcenter.journey.tool_called import tool_called
from callcenter.journey.tools import Tool, ToolFailed
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId, OfferId, new_id
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import AgentBrief
from callcenter.platform.wire.messages import Claimed, Segment
from callcenter.platform.wire.tools import ToolCall, ToolResult
from callcenter.setup.orders import store as orders
from tests.journey.company import DESK, Company

pytestmark = pytest.mark.postgres

DAMAGED = {"order_number": "4711", "problem": "it arrived damaged"}


async def ask(
    company: Company,
    offer_id: OfferId,
    arguments: dict[str, Any] = DAMAGED,
    *,
    name: str = "report_problem",
    tool_call_id: str = "",
) -> ToolResult:
    """One tool call, under an id of its own unless one is given."""
    return await tool_called(
        company.j,
        ToolCall(offer_id=offer_id, tool_call_id=tool_call_id or new_id(), name=name, arguments=arguments),
    )


async def count(company: Company, table: str = "order_problems") -> int:
    return int((await company.ids(f"SELECT count(*) FROM {table}"))[0])


async def succeed(company: Company, call_id: CallId, offer_id: OfferId) -> tuple[OfferId, AgentBrief]:
    """The agent dies and another one takes the call."""
    assert await lost(company.j, offer_id, "its connection is closed", job_gone=True)
    async with asyncio.timeout(10):
        while not await company.move():
            await asyncio.sleep(0.05)
    successor = await company.offer(call_id)
    assert successor != offer_id
    answer = await claimed(company.j, successor, 1, DESK)
    assert isinstance(answer, Claimed)
    assert answer.agent is not None
    return successor, answer.agent


async def says(company: Company, offer_id: OfferId, speaker: Speaker, text: str, seq: int = 1) -> None:
    now = datetime.now(UTC)
    await said(
        company.j,
        Segment(offer_id=offer_id, speaker=speaker, seq=seq, text=text, started_at=now, ended_at=now),
    )


async def test_a_problem_is_filed_with_a_reference_that_can_be_read_out(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    answer = await ask(company, offer_id, {"order_number": "4 7 1 1", "problem": "It arrived damaged."})
    assert answer.result["order_number"] == "4711"
    assert answer.result["reference"].isdigit()
    assert await company.ids("SELECT reference || ' ' || problem || ' ' || call_id FROM order_problems") == [
        f"{answer.result['reference']} It arrived damaged. {call_id}"
    ]


async def test_an_agent_uses_no_tool_that_its_profile_does_not_name(company: Company) -> None:
    """Whatever a caller talks a model into, or a broken worker asks for."""
    await company.worker()
    _, offer_id = await company.talking()
    await company.sql("UPDATE profiles SET body = jsonb_set(body, '{tools}', '[\"order_status\"]')")
    assert (await ask(company, offer_id)).error == "I do not have a way to do that."
    assert await count(company) == 0
    assert (await ask(company, offer_id, {"order_number": "4711"}, name="order_status")).error is None


async def test_what_cannot_be_filed_is_answered_with_a_sentence_and_may_be_tried_again(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    for arguments in ({}, {"problem": "broken"}, {"order_number": "4711"}, {"order_number": "9999", "problem": "x"}):
        answer = await ask(company, offer_id, arguments)
        assert answer.result is None
        assert answer.error
    assert await count(company) == 0
    async with company.j.db.transaction() as tx:
        order = await orders.find(tx, "4711")
        assert order is not None
        await orders.put(tx, orders.OrderRow("9999", order.status, order.status_since, None, ""))
    assert (await ask(company, offer_id, {"order_number": "9999", "problem": "x"})).result["reference"]
    assert (await company.events(call_id)).count("tool_called") == 5


async def test_a_tool_call_that_is_sent_again_after_a_reconnect_gets_the_stored_answer(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    first = await ask(company, offer_id, tool_call_id="one")
    assert await ask(company, offer_id, tool_call_id="one") == first
    status = await ask(company, offer_id, {"order_number": "4711"}, name="order_status", tool_call_id="two")
    await company.sql("UPDATE orders SET status = 'lost'")
    assert await ask(company, offer_id, {"order_number": "4711"}, name="order_status", tool_call_id="two") == status
    assert (await count(company), await count(company, "tool_calls")) == (1, 2)
    assert (await company.events(call_id)).count("tool_called") == 2


async def test_two_asks_at_once_file_one_problem(company: Company) -> None:
    await company.worker()
    _, offer_id = await company.talking()
    answers = await asyncio.gather(*(ask(company, offer_id) for _ in range(5)))
    assert await count(company) == 1
    assert len({answer.result["reference"] for answer in answers}) == 1
    assert sorted(answer.result.get("already_done", False) for answer in answers) == [False, True, True, True, True]


async def test_the_same_id_sent_twice_at_once_is_one_tool_call(company: Company) -> None:
    await company.worker()
    _, offer_id = await company.talking()
    one, two = await asyncio.gather(*(ask(company, offer_id, tool_call_id="same") for _ in range(2)))
    assert one == two
    assert "already_done" not in one.result
    assert (await count(company), await count(company, "tool_calls")) == (1, 1)


async def test_a_successor_that_asks_for_the_same_gets_the_first_reference(company: Company) -> None:
    await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    first = await ask(company, offer_id)
    successor, _ = await succeed(company, call_id, offer_id)
    again = await ask(company, successor, {"problem": " It  arrived damaged. ", "order_number": "4711 "})
    assert again.result == first.result | {"already_done": True}
    assert await count(company) == 1
    assert await company.ids("SELECT state FROM tool_calls ORDER BY done_at") == ["done", "repeated"]


async def test_a_retry_after_a_time_out_at_the_agent_gets_the_first_reference(company: Company) -> None:
    await company.worker()
    _, offer_id = await company.talking()
    first = await ask(company, offer_id, tool_call_id="given up by the agent")
    retry = await ask(company, offer_id, tool_call_id="asked by the model once more")
    assert retry.result == first.result | {"already_done": True}
    assert await count(company) == 1


async def test_other_arguments_another_call_and_another_tool_do_happen(company: Company) -> None:
    await company.worker(seats=2)
    _, offer_id = await company.talking()
    _, of_another_call = await company.talking()
    answers = [
        await ask(company, offer_id),
        await ask(company, offer_id, DAMAGED | {"order_number": "4712"}),
        await ask(company, offer_id, DAMAGED | {"problem": "a part is missing"}),
        await ask(company, of_another_call),
        await ask(company, offer_id, {"order_number": "4711"}, name="order_status"),
        await ask(company, offer_id, {"order_number": "4711"}, name="order_status"),
    ]
    assert [answer.error for answer in answers] == [None] * 6
    assert not any("already_done" in answer.result for answer in answers)
    assert await count(company) == 4


async def test_an_agent_that_was_lost_changes_nothing_more(company: Company) -> None:
    await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    await succeed(company, call_id, offer_id)
    assert (await ask(company, offer_id)).error == "I cannot do that any more."
    assert (await count(company), await count(company, "tool_calls")) == (0, 0)


async def test_a_tool_that_breaks_leaves_nothing_behind_and_may_be_tried_again(company: Company) -> None:
    await company.worker()
    call_id, offer_id = await company.talking()
    raises: list[Exception] = [ZeroDivisionError(), ToolFailed("The warehouse does not answer.")]

    async def file_and_break(tx: Tx, call_id: CallId, arguments: dict[str, str]) -> dict[str, Any]:
        await orders.report_problem(tx, "4711", "filed before it broke", call_id)
        if raises:
            raise raises.pop(0)
        return {"reference": "1"}

    async def breaks() -> ToolResult:
        called = ToolCall(offer_id=offer_id, tool_call_id=new_id(), name="report_problem")
        return await tool_called(
            company.j, called, {"report_problem": Tool(lambda _: {}, file_and_break, changes=True)}
        )

    with pytest.raises(ZeroDivisionError):
        await breaks()
    assert (await count(company), await count(company, "tool_calls")) == (0, 0)
    assert (await breaks()).error == "The warehouse does not answer."
    assert (await count(company), await count(company, "tool_calls")) == (0, 1)
    assert (await breaks()).result == {"reference": "1"}
    assert await count(company) == 1
    assert (await company.events(call_id)).count("tool_called") == 2


async def test_a_successor_is_told_of_the_tool_calls_in_their_place(company: Company) -> None:
    await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    await says(company, offer_id, Speaker.AGENT, "How can I help you?")
    await says(company, offer_id, Speaker.CALLER, "Where is my order 9999?")
    failed = await ask(company, offer_id, {"order_number": "9999"}, name="order_status")
    await says(company, offer_id, Speaker.AGENT, "I cannot find it.", 2)
    await says(company, offer_id, Speaker.CALLER, "My order 4711 arrived damaged.", 2)
    filed = await ask(company, offer_id, tool_call_id="unsaid")
    _, brief = await succeed(company, call_id, offer_id)
    assert [turn.text for turn in brief.history][1:3] == ["Where is my order 9999?", "I cannot find it."]
    assert [(c.after_turn, c.name, c.result, c.error) for c in brief.tool_calls] == [
        (2, "order_status", None, failed.error),
        (4, "report_problem", filed.result, None),
    ]
    assert (brief.tool_calls[1].tool_call_id, brief.tool_calls[1].arguments) == ("unsaid", DAMAGED)
    assert brief.summary == ""


async def test_of_a_long_call_a_successor_gets_the_last_turns_and_a_digest_of_the_rest(company: Company) -> None:
    await company.worker(seats=2)
    call_id, offer_id = await company.talking()
    await company.sql("UPDATE calls SET arrived_at = clock_timestamp() - interval '1 hour'")
    begin = datetime.now(UTC) - timedelta(minutes=30)
    for seq in range(1, 26):
        for speaker, second in ((Speaker.CALLER, 0), (Speaker.AGENT, 5)):
            at = begin + timedelta(seconds=20 * seq + second)
            segment = Segment(
                offer_id=offer_id, speaker=speaker, seq=seq, text=f"{speaker} {seq}", started_at=at, ended_at=at
            )
            await said(company.j, segment)
    await ask(company, offer_id)
    _, brief = await succeed(company, call_id, offer_id)
    assert [brief.history[0].text, brief.history[-1].text, len(brief.history)] == ["caller 6", "agent 25", 40]
    assert brief.summary == "Earlier in this call the caller said: " + "; ".join(f"caller {n}" for n in range(1, 6))
    assert [c.after_turn for c in brief.tool_calls] == [40]
