"""Somebody tries a profile, or the way of a number, from the console: what is not the same as for callers."""

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.calls import read as past_calls
from callcenter.records.calls.model import Channel
from callcenter.setup.queues import store as queues
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets.actions import Message, ToQueue
from callcenter.stages.arrival import store as arrivals
from callcenter.stages.routing.facts import Decision, Facts
from callcenter.stages.routing.flow import Route

NO_QUEUE = "There is no queue in which a test call could wait for an agent. Set up a queue first. Goodbye."


class NoQueueToTry(Conflict):
    """No queue is set up in which a test call could wait for an agent: make one first."""


async def tester(tx: Tx, call_id: CallId) -> str | None:
    """Who asked for this test call; None when it is not to begin (any more)."""
    return await arrivals.booked_by(tx, call_id)


async def is_test(tx: Tx, call_id: CallId) -> bool:
    """Whether nobody outside may be called for this call, and nothing be promised."""
    return bool((await past_calls.call(tx, call_id))["channel"] == Channel.BROWSER)


async def into_profile(tx: Tx, profile: str, facts: Facts) -> Route:
    """The way to an agent of this profile, past the rules: by a queue that asks for no skills where there is one, and
    by the profile's own before others."""
    found = sorted((await queues.bodies(tx)).items(), key=lambda item: _less_fitting(profile, *item))
    if not found:
        said = Message(action="message", text=NO_QUEUE, outcome="refused")
        return Route(
            None, _decision(said, f"a test call into profile '{profile}', and there is no queue"), None, None, facts
        )
    name, queue = found[0]
    words = f"a test call into profile '{profile}', by queue '{name}', past the rules"
    line = ToQueue(action="queue", queue=name, profile=profile)
    return Route(None, _decision(line, words), queue, profile, facts)


def _less_fitting(profile: str, name: str, queue: QueueBody) -> tuple[int, bool, str]:
    return len(queue.required_skills), queue.profile != profile, name


def _decision(action: Message | ToQueue, words: str) -> Decision:
    return Decision(position=None, rule=None, action=action, remarks=(words,))
