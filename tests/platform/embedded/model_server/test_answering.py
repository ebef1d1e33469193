"""The table of intents: what is meant, and what is answered."""

import json

import pytest

from callcenter.platform.embedded.model_server.answering import IntentTable, Reply, Tool, Turn
from callcenter.platform.embedded.model_server.phrases import Phrases, written

pytestmark = pytest.mark.pure

ORDER_STATUS = Tool("order_status", {"properties": {"order_number": {"type": "string"}}})
END_CALL = Tool("end_call", {"properties": {}})
REPORT_PROBLEM = Tool(
    "report_problem", {"properties": {"order_number": {"type": "string"}, "problem": {"type": "string"}}}
)
TOOLS = [ORDER_STATUS, REPORT_PROBLEM, END_CALL]
DELAYED = {"order_number": "4712", "status": "delayed", "detail": "Delayed until Friday because a part is missing."}


@pytest.fixture
def table(phrases: Phrases) -> IntentTable:
    return IntentTable(phrases)


def ask(table: IntentTable, *said: str, tools: list[Tool] | None = None) -> Reply:
    """The last answer when the caller says these sentences one after the other."""
    turns = [Turn("system", "You are the telephone agent of a small web shop.")]
    reply = Reply("")
    for sentence in said:
        turns.append(Turn("user", sentence))
        reply = table.reply(turns, TOOLS if tools is None else tools)
        turns.append(Turn("assistant", reply.text))
    return reply


def test_every_phrase_means_what_the_file_says(table: IntentTable, phrases: Phrases) -> None:
    for name, intent in phrases.intents.items():
        for phrase in intent.say:
            assert table.intent(written(phrases.example(phrase))) == name, phrase
            assert table.intent(phrases.example(phrase)) == name, phrase


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Where is my order 4711?", "order_status"),
        ("Hello, where is my order number 4711 please", "order_status"),
        ("WHERE IS MY ORDER four seven, one one!", "order_status"),
        ("Er, it's 4712.", "order_status"),
        ("My order 4711 arrived damaged.", "report_problem"),
        ("Hello, I have a problem with order number 4711.", "report_problem"),
        ("My order arrived damaged", "report_problem_without_number"),
        ("When will order 4711 arrive?", "order_status"),
        ("Hi, what are your opening hours please?", "opening_hours"),
        ("Okay, thank you. Goodbye!", "goodbye"),
        ("I don't know what the weather will be like", None),
        ("", None),
        ("...", None),
    ],
)
def test_case_punctuation_and_a_few_more_words_do_not_matter(table: IntentTable, text: str, intent: str | None) -> None:
    assert table.intent(text) == intent


def test_an_order_is_looked_up_by_the_tool(table: IntentTable) -> None:
    assert ask(table, "where is my order 4711") == Reply("", "order_status", {"order_number": "4711"})


def test_without_a_tool_nothing_is_said_about_an_order(table: IntentTable) -> None:
    reply = ask(table, "where is my order 4711", tools=[])
    assert reply.tool is None
    assert "no way to look up orders" in reply.text
    assert not {"shipped", "yesterday", "friday"} & set(reply.text.lower().split())


def test_a_missing_number_is_asked_for_and_a_bare_one_completes_it(table: IntentTable) -> None:
    assert "order number" in ask(table, "where is my order").text
    assert ask(table, "where is my order", "4712") == Reply("", "order_status", {"order_number": "4712"})


def test_a_problem_is_reported_by_the_tool_in_the_callers_words(table: IntentTable) -> None:
    said = "my order 4711 arrived damaged"
    assert ask(table, said) == Reply("", "report_problem", {"order_number": "4711", "problem": said})
    assert "order number" in ask(table, "my order arrived damaged").text
    assert "no way" in ask(table, said, tools=[ORDER_STATUS]).text


FILED = "I have reported the problem with your order 4711. Your reference number is 30001."


@pytest.mark.parametrize(
    ("already", "said"), [({}, FILED), ({"already_done": True}, FILED.replace("have", "have already"))]
)
def test_a_report_is_answered_with_its_reference(table: IntentTable, already: dict[str, bool], said: str) -> None:
    result = json.dumps({"order_number": "4711", "reference": "30001", **already})
    turns = [
        Turn("user", "my order 4711 arrived damaged"),
        Turn("assistant", ""),
        Turn("tool", result, "report_problem"),
    ]
    assert table.reply(turns, TOOLS) == Reply(said)


def test_every_answer_that_nobody_has_heard_is_said(table: IntentTable) -> None:
    status = Turn("tool", json.dumps(DELAYED), "order_status")
    report = Turn("tool", '{"order_number": "4711", "reference": "30001"}', "report_problem")
    turns = [Turn("user", "x"), status, Turn("assistant", "One moment."), report, Turn("assistant", ""), status]
    assert table.reply(turns, TOOLS).text == (
        f"{FILED} Your order 4712 is delayed. Delayed until Friday because a part is missing."
    )


def test_a_tool_that_names_its_parameter_otherwise_is_served(table: IntentTable) -> None:
    tool = Tool("get_order_status", {"properties": {"id": {"type": "string"}}})
    assert ask(table, "where is my order 4711", tools=[tool]) == Reply("", "get_order_status", {"id": "4711"})


@pytest.mark.parametrize("result", [json.dumps(DELAYED), str(DELAYED)])
def test_the_answer_comes_from_the_tools_result(table: IntentTable, result: str) -> None:
    reply = table.reply([Turn("user", "where is my order 4712"), Turn("tool", result, "order_status")], TOOLS)
    assert reply == Reply("Your order 4712 is delayed. Delayed until Friday because a part is missing.")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("I cannot find an order with the number 9 9 9 9.", "I cannot find an order with the number 9 9 9 9."),
        ('{"error": "The warehouse does not answer."}', "The warehouse does not answer."),
        ('{"parcel_count": 2, "carrier": "bicycle"}', "I have found this: parcel count is 2, carrier is bicycle."),
        ("", "I am sorry, I cannot look that up right now."),
        ("{}", "I am sorry, I cannot look that up right now."),
    ],
)
def test_results_of_any_shape_become_a_sentence(table: IntentTable, result: str, said: str) -> None:
    assert table.reply([Turn("user", "x"), Turn("tool", result, "other")], []).text == said


def test_goodbye_is_said_before_the_call_is_ended_and_nothing_after(table: IntentTable) -> None:
    assert ask(table, "thank you goodbye") == Reply("Thank you for calling. Goodbye.", "end_call", {})
    assert ask(table, "goodbye", tools=[]) == Reply("Thank you for calling. Goodbye.")
    assert table.reply([Turn("user", "goodbye"), Turn("tool", "", "end_call")], TOOLS) == Reply("")


def test_a_wish_for_a_person_becomes_the_tool_that_is_offered(table: IntentTable) -> None:
    tool = Tool("escalate", {"properties": {"reason": {"type": "string"}}})
    said = "i want to talk to a person"
    assert ask(table, said, tools=[tool]) == Reply("", "escalate", {"reason": said})
    assert "cannot connect" in ask(table, said).text


def test_the_last_answer_is_repeated(table: IntentTable) -> None:
    hours = ask(table, "when are you open").text
    assert ask(table, "when are you open", "can you repeat that please").text == hours
    assert "not said anything" in ask(table, "please say that again").text


@pytest.mark.parametrize("said", ["", "my hovercraft is full of eels"])
def test_what_is_not_understood_is_asked_for_again(table: IntentTable, said: str) -> None:
    assert "say it again" in ask(table, said).text


def test_a_long_answer_is_long_enough_to_be_interrupted(table: IntentTable) -> None:
    assert len(ask(table, "tell me about your company").text.split()) > 80


def test_instructions_are_followed_sensibly_and_always_alike(table: IntentTable) -> None:
    talk = [
        Turn("user", "where is my order 4711"), Turn("assistant", "It was shipped."), Turn("user", "mumble"),
    ]  # fmt: skip
    for last in (Turn("developer", "Summarise the call."), Turn("user", "Summarize the conversation above.")):
        reply = table.reply([*talk, last], TOOLS)
        assert reply == Reply("The caller said: where is my order 4711. The last answer was: It was shipped.")
    assert table.reply([Turn("system", "Greet the caller.")], TOOLS).text == "Hello. How can I help you?"


def test_notes_for_a_human_who_leads_are_json_with_the_fields_that_were_asked_for(table: IntentTable) -> None:
    instruction = 'Answer with one JSON object: {"fields": those said, as text: who (name); order number; where}'
    turns = [
        Turn("user", "my name is eve where is my order four seven one one"),
        Turn("assistant", "[A human colleague said:] one moment"),
        Turn("user", "when are you open"),
        Turn("system", instruction),
    ]
    noted = json.loads(table.reply(turns, []).text)
    assert noted["fields"] == {"who": "eve", "order number": "4711"}
    assert "Monday to Friday" in noted["suggestions"][0]
    assert "order" in noted["summary"]


def test_what_the_table_does_not_know_is_looked_up_where_there_is_a_tool_for_it(table: IntentTable) -> None:
    search = Tool("search_knowledge", {"properties": {"question": {"type": "string"}}})
    asked = "Do you wrap presents in paper?"
    assert ask(table, asked, tools=[search]) == Reply("", "search_knowledge", {"question": asked})
    assert ask(table, asked, tools=[]).text.startswith("I am sorry")
    turns = [Turn("user", asked), Turn("assistant", "")]
    found = {"articles": [{"question": asked, "answer": "Only in December."}, {"question": "x", "answer": "y"}]}
    assert table.reply([*turns, Turn("tool", json.dumps(found), "search_knowledge")], [search]).text == (
        "Only in December."
    )
    nothing = Turn("tool", json.dumps({"articles": [], "note": "Nothing."}), "search_knowledge")
    assert table.reply([*turns, nothing], [search]).text.startswith("I am sorry, I did not understand")
