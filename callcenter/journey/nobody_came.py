"""What a caller hears when no human came, or the one who led is gone: in the words of the queue, or in ours where it
has none of its own and the caller is not spoken to in English. Who was to speak with a human first hears that nobody
came from whoever speaks next, once."""

from callcenter.journey.parted import policy_of
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.wire.base import Speaker
from callcenter.records.calls.store import LockedCall
from callcenter.records.transcripts import store as transcripts
from callcenter.setup.queues.rules import AskSupervisors
from callcenter.stages.escalation import rules, store
from callcenter.stages.escalation.model import Failure
from callcenter.stages.waiting.words import words_of

ENGLISH = "en"


def sentence(failure: Failure, policy: AskSupervisors, language: str, speaker: Speaker) -> str:
    """What an agent says, or an attendant, with whom the caller has to wait for an agent."""
    queues_own = rules.sentence(failure, policy)
    words = words_of(language)
    if words is None or queues_own != rules.sentence(failure, AskSupervisors()):
        return queues_own
    if speaker is Speaker.ATTENDANT:
        return words.nobody_came_wait
    return queues_own if words is words_of(ENGLISH) else words.nobody_came


async def left_sentence(tx: Tx, call: LockedCall, language: str) -> str:
    """What the caller hears when the supervisor who led is gone."""
    own = (await policy_of(tx, call)).left
    words = words_of(language)
    return own if words is None or own != AskSupervisors().left else words.human_left


async def unsaid(tx: Tx, call: LockedCall, language: str, speaker: Speaker) -> str:
    """What the caller of a human-first call is still to hear; empty when they have, or there is nothing to say."""
    failure = await store.human_first_failure(tx, call.id)
    if failure is None or failure is Failure.CALLER_LEFT:
        return ""
    policy = await policy_of(tx, call)
    for one in (Speaker.AGENT, Speaker.ATTENDANT):
        if await transcripts.was_said(tx, call.id, one, sentence(failure, policy, language, one)):
            return ""
    return sentence(failure, policy, language, speaker)
