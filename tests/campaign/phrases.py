"""What callers ask in the campaign, what answers it, and the sentences of ours that an ear listens for."""

from dataclasses import dataclass
from functools import lru_cache

from callcenter.platform.embedded.model_server.phrases import load, written
from callcenter.platform.wire.brief import AgentBrief

GREETING = "Hello, this is the demo shop. How can I help you?"
GOODBYE = "Thank you for calling. Goodbye."
NOT_IN_SERVICE = "The number you have dialled is not in service. Please check the number. Goodbye."
ORDER = "Your order 4711 is shipped. Shipped yesterday by parcel post."
SAYS_GOODBYE = "thank you goodbye"


@dataclass(frozen=True)
class Question:
    """A caller's sentence, what a transcript writes down of it, and the answer."""

    say: str
    written: str
    answer: str


@lru_cache
def questions() -> tuple[Question, ...]:
    """Asked in the campaign; the answers are the embedded model server's."""
    answers = load().answers
    asked = {
        "what are your opening hours": answers["opening_hours"].answer,
        "how long does delivery take": answers["delivery_time"].answer,
        "how can i return something": answers["returns"].answer,
        "which credit cards do you accept": answers["payment"].answer,
        "where is my order four seven one one": ORDER,
    }
    return tuple(Question(say, written(say), answer) for say, answer in asked.items())


def known_sentences() -> tuple[str, ...]:
    """Each ends a turn of ours: the caller is to speak next, or nobody."""
    fields = AgentBrief.model_fields
    repairs = [str(fields[name].default) for name in ("trouble", "resumption", "not_understood") if name in fields]
    return (GREETING, GOODBYE, NOT_IN_SERVICE, *(q.answer for q in questions()), *repairs)
