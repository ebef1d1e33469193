"""Publishing a rule set: validated as a whole, in one transaction, unnoticed by live calls."""

from typing import Any

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Invalid
from callcenter.setup.numbers import store as numbers
from callcenter.setup.profiles import store as profiles
from callcenter.setup.queues import store as queues
from callcenter.setup.rule_sets import rules, store


async def validate(tx: Tx, data: Any) -> rules.RuleSetBody:
    """The rule set, or Invalid with every error of it."""
    body, errors = rules.parse(data)
    if body is not None:
        errors = rules.check(
            body,
            queues=await queues.profiles_of(tx),
            profiles=await profiles.names(tx),
            numbers=await numbers.all_numbers(tx),
        )
    if body is None or errors:
        raise Invalid("The rule set cannot be published.", tuple(errors))
    return body


async def publish(tx: Tx, data: Any, note: str) -> int:
    """Make this rule set the one that routes calls; returns its version. Raises Invalid."""
    body = await validate(tx, data)
    version = await store.insert_draft(tx, body, note)
    await store.retire_published(tx)
    await store.set_published(tx, version)
    return version
