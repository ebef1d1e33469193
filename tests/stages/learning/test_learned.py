"""What a human answered in one call is known in the next, once somebody has approved it."""

from typing import Any

import pytest

from callcenter.platform.plumbing.chat import Answer, NotAnswered
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.stages.learning.loop import Drafter
from callcenter.stages.learning.model import LessonState
from callcenter.stages.learning.rules import RETRY_SECONDS
from tests.inroom.fake_models import Reply
from tests.stages.escalation.in_call import talking
from tests.stages.learning.lessons import ANSWER, QUESTION, Learning, hands_in, lesson

pytestmark = pytest.mark.postgres


async def test_a_lesson_learned_in_one_call_is_found_in_the_next(learning: Learning) -> None:
    first = await learning.asked()
    assert (await learning.company.events(first))[-1] == "lessons_drafted"
    (draft,) = await learning.lessons()
    assert (draft.state, draft.body.question, draft.body.answer) == (LessonState.DRAFT, QUESTION, ANSWER)
    second, offer_id = await talking(learning.company)
    put = "Can I use the descaler in my espresso machine?"
    assert (await learning.searches(offer_id, put)).result["articles"] == [], "nobody has approved it"
    await learning.decided(draft.id)
    answer = await learning.searches(offer_id, put)
    assert answer.result == {"articles": [{"question": QUESTION, "answer": ANSWER, "applies_when": ""}]}
    assert (await learning.company.events(second)).count("knowledge_used") == 1
    used = "SELECT data -> 'articles' -> 0 ->> 'lesson_id' FROM timeline_events WHERE type = 'knowledge_used'"
    assert await learning.company.ids(used) == [draft.id]
    assert (await learning.searches(offer_id, "When does the bus to the lake leave?")).result["articles"] == []


async def test_what_has_expired_was_rejected_or_was_opened_again_is_not_found(learning: Learning) -> None:
    await learning.asked()
    (draft,) = await learning.lessons()
    _, offer_id = await talking(learning.company)

    async def found() -> bool:
        return bool((await learning.searches(offer_id, QUESTION)).result["articles"])

    await learning.decided(draft.id)
    assert await found()
    await learning.company.sql("UPDATE lessons SET expires_at = clock_timestamp()")
    assert not await found()
    await learning.company.sql("UPDATE lessons SET expires_at = clock_timestamp() + interval '1 hour'")
    assert await found()
    await learning.decided(draft.id, LessonState.DRAFT)
    assert not await found()
    await learning.decided(draft.id, LessonState.REJECTED)
    assert not await found()


async def test_the_model_is_shown_the_call_by_speaker_and_asked_once(learning: Learning) -> None:
    await learning.asked()
    (asked,) = learning.models.chats
    assert asked[-1]["content"] == f"The call:\n[1] caller: {QUESTION}\n[2] supervisor: {ANSWER}"
    await learning.due_now()
    assert await learning.drafter.draft_once() == 0
    assert len(learning.models.chats) == 1


async def test_a_call_in_which_nobody_led_teaches_nothing(learning: Learning) -> None:
    await learning.company.worker()
    call_id, _ = await learning.company.talking()
    await learning.ends(call_id)
    assert await learning.company.ids("SELECT call_id FROM lesson_tasks") == []


async def test_where_the_human_said_nothing_no_model_is_asked(learning: Learning) -> None:
    await learning.led_call((Speaker.CALLER, QUESTION))
    assert await learning.drafter.draft_once() == 1
    assert learning.models.chats == []
    assert await learning.lessons() == []
    assert await learning.company.ids("SELECT state FROM lesson_tasks") == ["drafted"]


async def test_a_drafter_that_dies_is_followed_by_another_and_a_late_one_adds_nothing(learning: Learning) -> None:
    await learning.led_call((Speaker.CALLER, QUESTION), (Speaker.SUPERVISOR, ANSWER))
    learning.models.think = lambda _: hands_in(lesson())

    class Overtaken:
        async def ask(self, *arguments: Any, **options: Any) -> Answer:
            await learning.due_now()  # as if this one had been silent for too long
            assert await learning.drafter.draft_once() == 1
            return await learning.chat.ask(*arguments, **options)

    assert await Drafter(learning.company.j, Overtaken()).draft_once() == 0
    assert len(await learning.lessons()) == 1


async def test_a_model_that_fails_is_asked_again_and_in_the_end_the_timeline_says_so(learning: Learning) -> None:
    call_id = await learning.led_call((Speaker.CALLER, QUESTION), (Speaker.SUPERVISOR, ANSWER))
    learning.models.failing.add("llm")
    for wait in RETRY_SECONDS:
        await learning.due_now()
        assert await learning.drafter.draft_once() == 0
        seconds = await learning.company.ids("SELECT extract(epoch FROM due_at - clock_timestamp()) FROM lesson_tasks")
        assert float(seconds[0]) == pytest.approx(wait, abs=2)
    await learning.due_now()
    await learning.drafter.draft_once()
    assert await learning.company.ids("SELECT state || ': ' || error FROM lesson_tasks") == [
        "failed: the model's server answered 503"
    ]
    assert (await learning.company.events(call_id))[-1] == "lessons_failed"


@pytest.mark.parametrize(
    "reply", [Reply("I have read it."), Reply(tools=(("draft_lessons", {"lessons": "many"}),))], ids=["words", "wrong"]
)
async def test_what_is_no_list_of_lessons_is_asked_for_again(learning: Learning, reply: Reply) -> None:
    await learning.led_call((Speaker.CALLER, QUESTION), (Speaker.SUPERVISOR, ANSWER))
    learning.models.think = lambda _: reply
    assert await learning.drafter.draft_once() == 0
    assert await learning.company.ids("SELECT state || ' ' || attempts FROM lesson_tasks") == ["due 1"]


async def test_a_model_that_does_not_answer_in_time_is_given_up_on(learning: Learning) -> None:
    learning.models.delays["llm"] = 5
    with pytest.raises(NotAnswered, match=r"no answer within|cannot be reached"):
        await learning.chat.ask(ModelEndpoint(model="m"), [{"role": "user", "content": QUESTION}], [], seconds=0.2)


async def test_personal_data_is_in_no_lesson_and_in_no_quote(learning: Learning) -> None:
    await learning.company.sql(
        "INSERT INTO callers (number, body) VALUES ('+15551230001', '{\"name\": \"Rosalind Marlowe\"}')"
    )
    told = "This is Ms Marlowe, my number is 555 123 0001, I live at Quince Lane 9 with Hubert. " + QUESTION
    learning.models.think = lambda _: hands_in(
        lesson(told, f"Hello Rosalind, I am Sam. {ANSWER} Write to rosalind@marlowe.example.", when="for Hubert"),
        personal=({"text": "quince lane 9", "kind": "address"}, {"text": "Hubert", "kind": "name"}),
    )
    await learning.led_call((Speaker.CALLER, told), (Speaker.SUPERVISOR, f"Hello Rosalind, Sam here. {ANSWER}"))
    assert await learning.drafter.draft_once() == 1
    (draft,) = await learning.lessons()
    assert draft.body.question == (
        f"This is Ms [name], my number is [phone number], I live at [personal] with [name]. {QUESTION}"
    )
    assert draft.body.answer == f"Hello [name], I am [name]. {ANSWER} Write to [e-mail]."
    assert draft.body.applies_when == "for [name]"
    quotes = await learning.company.ids("SELECT text FROM lesson_quotes ORDER BY said_at, id")
    assert quotes[1] == f"Hello [name], [name] here. {ANSWER}"
    kept = str(await learning.company.ids("SELECT lessons::text FROM lessons")) + str(quotes)
    assert not [word for word in ("marlowe", "rosalind", "0001", "quince", "hubert", "sam ") if word in kept.lower()]


async def test_near_duplicates_are_one_lesson_with_the_quotes_of_both_calls(learning: Learning) -> None:
    await learning.asked()
    again = "Does your kettle descaler work for espresso machines also?"
    second = await learning.asked(again, "Yes, but only half a sachet, then rinse it twice.")
    (draft,) = await learning.lessons()
    assert (draft.body.question, draft.calls) == (QUESTION, 2)
    assert (
        "1 known lesson came up again"
        in (
            await learning.company.ids(
                f"SELECT summary FROM timeline_events WHERE call_id = '{second}' AND type = 'lessons_drafted'"
            )
        )[0]
    )
    await learning.asked(QUESTION, "No, it would harm the machine's seals and void the warranty.")
    first, other = await learning.lessons()
    assert (other.similar_to, other.state, first.calls) == (draft.id, LessonState.DRAFT, 2)


async def test_what_was_rejected_is_not_drafted_again(learning: Learning) -> None:
    await learning.asked()
    (draft,) = await learning.lessons()
    await learning.decided(draft.id, LessonState.REJECTED)
    await learning.asked()
    (draft,) = await learning.lessons()
    assert (draft.state, draft.calls) == (LessonState.REJECTED, 2)


async def test_a_lesson_outlives_its_call(learning: Learning) -> None:
    call_id = await learning.asked()
    await learning.company.sql(f"DELETE FROM calls WHERE id = '{call_id}'")
    (draft,) = await learning.lessons()
    assert draft.calls == 0
    assert await learning.company.ids("SELECT text FROM lesson_quotes ORDER BY said_at") == [QUESTION, ANSWER]
