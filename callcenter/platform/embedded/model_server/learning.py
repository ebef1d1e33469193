"""The stand-in drafts lessons by quoting, and answers from articles by reading the best one out."""

import re
from typing import Any

_LINE = re.compile(r"^\[(\d+)\] (caller|supervisor): (.+)$", re.MULTILINE)
FEWEST_WORDS = 4  # "yes, please" and "one moment" teach nothing


def lessons_of(call: str) -> dict[str, Any]:
    """The arguments of `draft_lessons` for a call as numbered lines (callcenter/stages/learning/drafting.py): each time
    that the human spoke after the caller is a lesson."""
    lessons: list[dict[str, Any]] = []
    asked: list[tuple[int, str]] = []
    answered: list[tuple[int, str]] = []
    for number, speaker, text in _LINE.findall(call):
        if speaker == "supervisor":
            answered.append((int(number), text))
            continue
        if answered:
            lessons += _lesson(asked, answered)
            asked, answered = [], []
        asked.append((int(number), text))
    lessons += _lesson(asked, answered)
    return {"lessons": lessons, "personal": []}


def _lesson(asked: list[tuple[int, str]], answered: list[tuple[int, str]]) -> list[dict[str, Any]]:
    questions = [(number, text) for number, text in asked if len(text.split()) >= FEWEST_WORDS]
    answers = [(number, text) for number, text in answered if len(text.split()) >= FEWEST_WORDS]
    if not questions or not answers:
        return []
    number, question = questions[-1]
    lines = [number, *(line for line, _ in answers)]
    answer = " ".join(text for _, text in answers)
    return [{"question": question, "answer": answer, "applies_when": "", "lines": lines}]


def answer_from(result: Any) -> str | None:
    """The best article's answer in a result of `search_knowledge`; None where nothing was found."""
    articles = result.get("articles") if isinstance(result, dict) else None
    best = articles[0] if isinstance(articles, list) and articles else None
    return str(best["answer"]) if isinstance(best, dict) and best.get("answer") else None
