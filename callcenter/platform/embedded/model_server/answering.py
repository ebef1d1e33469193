"""The stand-in for a language model: a table of intents and answers, which also calls the tools it is offered."""

import ast
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from callcenter.platform.embedded.model_server.learning import answer_from, lessons_of
from callcenter.platform.embedded.model_server.phrases import SLOT, Answer, Phrases, written
from callcenter.platform.wire.knowledge import DRAFT_LESSONS, SEARCH_KNOWLEDGE

COLLEAGUE = "[A human colleague said:]"  # as callcenter/inroom/agent tells its model
JSON_WANTED = "JSON object"  # as callcenter/inroom/agent asks for notes about a call that a human leads
_FIELDS = re.compile(r"as text: (.*)}", re.DOTALL)
_NAME = re.compile(r"my name is (\w+)")
_QUOTED = re.compile(r'"(.+)"')
_NUMBER = re.compile(r"\d{3,}")
# What is meant when the order's number is missing, by what is meant with it.
_WITHOUT_NUMBER = {
    "order_status": "order_status_without_number",
    "report_problem": "report_problem_without_number",
}


@dataclass(frozen=True)
class Tool:
    """A function the request offers, with its parameters as JSON schema."""

    name: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One message: who, what, which tools were called in it, and for a tool's result the name of the tool."""

    role: str
    text: str
    tool: str | None = None


@dataclass(frozen=True)
class Reply:
    """What is said, and the tool that is called after it."""

    text: str
    tool: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)


def normal(text: str) -> str:
    """Lower case, no punctuation, numbers as digits: "Order four-seven…" and "order 47" are alike."""
    words = re.sub(r"[^\w\s]", " ", text.lower().replace("'", "")).split()
    return re.sub(r"(?<=\d) (?=\d)", "", written(" ".join(words)))


class IntentTable:
    """Answers by the table in `phrases.yaml`. It knows no order and no caller: facts come from tools."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def reply(self, turns: list[Turn], tools: list[Tool]) -> Reply:
        """The answer to a conversation. The same conversation is always answered alike."""
        last = turns[-1]
        if any(tool.name == DRAFT_LESSONS for tool in tools):
            return Reply("", DRAFT_LESSONS, lessons_of(last.text))
        if last.role == "tool":
            return Reply(self._results(turns))
        if last.role in ("system", "developer") and JSON_WANTED in last.text:
            return Reply(self._noted(last.text, turns))
        if last.role in ("system", "developer") or normal(last.text).startswith("summar"):
            return Reply(self._instructed(last.text, turns))
        if last.role != "user":
            return Reply("")
        return self._answer(last.text, turns, tools)

    def intent(self, text: str) -> str | None:
        """What is meant: the longest phrase in the text that, numbers left out, makes up a third of its words."""
        said = normal(text)
        if not said:
            return None
        number = _NUMBER.search(said)
        bare = " ".join(_NUMBER.sub("", said).split())
        found = [
            (len(phrase.split()), -place, intent)
            for place, (phrase, intent) in enumerate(self._known)
            if f" {phrase} " in f" {bare} " and 3 * len(phrase.split()) >= len(said.split())
        ]
        best = max(found)[2] if found else None
        if number and (best in (None, "order_status_without_number", "greeting")) and self._about_order(said, best):
            return "order_status"
        return best if number else _WITHOUT_NUMBER.get(best or "", best)

    def _about_order(self, said: str, best: str | None) -> bool:
        return best == "order_status_without_number" or len(said.split()) <= 4 or "order" in said.split()

    @cached_property
    def _known(self) -> list[tuple[str, str]]:
        return [
            (bare, name)
            for name, intent in self._phrases.intents.items()
            for phrase in intent.say
            if (bare := normal(SLOT.sub("", phrase)))
        ]

    def _answer(self, text: str, turns: list[Turn], tools: list[Tool]) -> Reply:
        intent = self.intent(text)
        if intent is None:
            if text.strip() and any(tool.name == SEARCH_KNOWLEDGE for tool in tools):
                return Reply("", SEARCH_KNOWLEDGE, {"question": text.strip()})
            return Reply(self._phrases.not_understood)
        answer = self._phrases.answers[intent]
        number = _NUMBER.search(normal(text))
        filled = {"order": number[0] if number else "", "said": text.strip(), "last": self._last_said(turns)}
        tool = next((tool for name in answer.tools for tool in tools if tool.name == name), None)
        if tool:
            return Reply(_fill(answer.answer, filled), tool.name, _arguments(answer, tool, filled))
        return Reply(_fill(answer.without_tool if answer.tools else answer.answer, filled))

    def _instructed(self, instruction: str, turns: list[Turn]) -> str:
        whisper = quoted[1] if (quoted := _QUOTED.search(instruction)) else ""
        intent = self.intent(whisper)
        filled = {
            "summary": self._summary(turns), "last": self._last_said(turns), "agreed": _agreed(turns),
            "whisper": whisper, "told": self._phrases.answers[intent].answer if intent else whisper,
        }  # fmt: skip
        entry = next(e for e in self._phrases.instructions if any(word in instruction.lower() for word in e.words))
        return _fill(entry.answer, filled)

    def _noted(self, instruction: str, turns: list[Turn]) -> str:
        """What is noted for a human who leads the call, as JSON."""
        asked = [turn.text.strip() for turn in turns if turn.role == "user"]
        understood = [text for text in asked if self.intent(text)]
        answers = [self._phrases.answers[intent] for text in understood[-1:] if (intent := self.intent(text))]
        said = normal(" ".join(asked))
        named = fields[1] if (fields := _FIELDS.search(instruction)) else ""
        found = {
            name: value
            for name in (part.split("(")[0].strip() for part in named.split(";"))
            if (value := _noted_field(name.lower(), said, understood))
        }
        suggestions = [answer.answer for answer in answers if answer.answer and not SLOT.search(answer.answer)]
        return json.dumps({"summary": self._summary(turns), "suggestions": suggestions, "fields": found})

    def _last_said(self, turns: list[Turn]) -> str:
        said = [turn.text for turn in turns if turn.role == "assistant" and turn.text.strip()]
        return said[-1] if said else self._phrases.nothing_to_repeat

    def _summary(self, turns: list[Turn]) -> str:
        asked = [turn.text.strip() for turn in turns if turn.role == "user" and self.intent(turn.text)]
        asked = [text for text in asked if not normal(text).startswith("summar")]
        said = f"The caller said: {'; '.join(asked)}." if asked else "The caller said nothing that was understood."
        last = next((turn.text for turn in reversed(turns) if turn.role == "assistant" and turn.text.strip()), "")
        return f"{said} The last answer was: {last}" if last else said

    def _results(self, turns: list[Turn]) -> str:
        """What the tools have answered since anybody last said something."""
        told: list[str] = []
        for turn in reversed(turns):
            if turn.role == "tool":
                told.insert(0, self._result(turn))
            elif turn.role != "assistant" or turn.text.strip():
                break
        return " ".join(text for text in told if text)

    def _result(self, turn: Turn) -> str:
        """A tool's result as a sentence: its own words where it has any, else its fields one by one."""
        if turn.tool and turn.tool in self._phrases.answers["goodbye"].tools:
            return ""
        result = _read(turn.text)
        if turn.tool == SEARCH_KNOWLEDGE:
            return answer_from(result) or self._phrases.not_understood
        if isinstance(result, dict):
            return _sentence_of(result) or self._phrases.lookup_failed
        return str(result).strip() or self._phrases.lookup_failed


def _noted_field(name: str, said: str, understood: list[str]) -> str:
    """What a field of this name is filled with."""
    if "who" in name or "name" in name:
        return names[-1] if (names := _NAME.findall(said)) else ""
    if "number" in name or "order" in name:
        return numbers[-1] if (numbers := _NUMBER.findall(said)) else ""
    return understood[-1] if understood and ("what" in name or "problem" in name) else ""


def _agreed(turns: list[Turn]) -> str:
    """The last words of a human colleague."""
    said = (turn.text for turn in reversed(turns) if turn.role == "assistant" and turn.text.startswith(COLLEAGUE))
    return next(said, "").removeprefix(COLLEAGUE).strip().rstrip(".")


def _fill(text: str, values: dict[str, str]) -> str:
    return SLOT.sub(lambda slot: values.get(slot[1], ""), text)


def _arguments(answer: Answer, tool: Tool, filled: dict[str, str]) -> dict[str, Any]:
    """The table's arguments, as far as the tool takes them; a tool with one other parameter gets it by that name."""
    arguments = {name: _fill(value, filled) for name, value in answer.arguments.items()}
    declared = tool.parameters.get("properties")
    if not isinstance(declared, dict) or arguments.keys() <= declared.keys():
        return arguments
    if len(arguments) == len(declared) == 1:
        return dict(zip(declared, arguments.values(), strict=True))
    return {name: value for name, value in arguments.items() if name in declared}


def _read(text: str) -> Any:
    """A tool's result: JSON, a Python literal as livekit-agents writes dictionaries, or plain words."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    return text


def _sentence_of(result: dict[str, Any]) -> str:
    for key in ("error", "message", "sentence"):
        if result.get(key):
            return str(result[key])
    number = result.get("order_number") or result.get("number")
    if result.get("reference"):
        done = "I have already reported" if result.get("already_done") else "I have reported"
        about = f"the problem with your order {number}" if number else "that"
        return f"{done} {about}. Your reference number is {result['reference']}."
    if number and result.get("status"):
        detail = str(result.get("detail") or "")
        return f"Your order {number} is {_words(result['status'])}. {detail}".strip()
    known = [f"{_words(key)} is {_words(value)}" for key, value in result.items() if value not in (None, "")]
    return f"I have found this: {', '.join(known)}." if known else ""


def _words(value: Any) -> str:
    return str(value).replace("_", " ")
