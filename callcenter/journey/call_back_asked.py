"""What callers are asked about call-backs: which number, and whether they are the one who answered."""

import re

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.brief import Ask, ModelEndpoint
from callcenter.records.calls import read as past_calls
from callcenter.records.calls.store import LockedCall
from callcenter.stages.callbacks.rules import spoken
from callcenter.stages.callbacks.words import Words, words_of
from callcenter.stages.waiting.treatment import CallBackCheck, CallBackOffer

YES, NO, END = "1", "2", "#"
CONFIRM_SECONDS = 6.0
KEYING_SECONDS = 8.0
ANSWER_SECONDS = 5.0
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


async def about_number(tx: Tx, call: LockedCall, offer: CallBackOffer, language: str, stt: ModelEndpoint) -> Ask:
    """What the caller is asked next."""
    words, number = words_of(language), await number_of(tx, call, offer)
    sorry = words.not_allowed if offer.refused else words.not_a_number if offer.missed else ""
    if not number:
        return Ask(
            number=offer.asked + 1, prompt=f"{sorry} {words.enter}".lstrip(), keys={}, until=END,
            timeout_seconds=KEYING_SECONDS, stt=stt,
        )  # fmt: skip
    return Ask(
        number=offer.asked + 1, prompt=words.confirm.format(number=spoken(number)), keys=_keys(words),
        timeout_seconds=CONFIRM_SECONDS, stt=stt,
    )  # fmt: skip


def about_person(check: CallBackCheck, language: str, stt: ModelEndpoint) -> Ask:
    """The greeting, with what confirms it."""
    words = words_of(language)
    return Ask(
        number=check.asked + 1, prompt=check.greeting, keys={YES: words.yes, NO: words.no},
        timeout_seconds=ANSWER_SECONDS, stt=stt,
    )  # fmt: skip


async def number_of(tx: Tx, call: LockedCall, offer: CallBackOffer) -> str:
    """The number to be confirmed, or "" where it is to be keyed in: a caller who withholds theirs, or has none that can
    be called."""
    if offer.number is not None:
        return offer.number
    routing = await past_calls.routing(tx, call.id)
    return routing.from_ if routing and _E164.fullmatch(routing.from_) else ""


def _keys(words: Words) -> dict[str, tuple[str, ...]]:
    return {YES: words.yes, NO: words.no}
