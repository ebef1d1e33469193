"""The tool by which an agent finds what has been learned: the same words for the model in a call and in a rehearsal."""

from typing import Any

SEARCH_KNOWLEDGE = "search_knowledge"
DRAFT_LESSONS = "draft_lessons"

SEARCH_SCHEMA: dict[str, Any] = {
    "name": SEARCH_KNOWLEDGE,
    "description": (
        "Look up what the company knows: questions that callers have asked before, each with the answer that a human "
        "colleague gave. Use it before you say that you do not know something, and before you ask a colleague. Answer "
        "from an article only where it fits what the caller asks."
    ),
    "parameters": {
        "type": "object",
        "properties": {
            "question": {
                "type": "string",
                "description": "What the caller wants to know, as one short question in the caller's language, without "
                "names and numbers.",
            }
        },
        "required": ["question"],
    },
}
