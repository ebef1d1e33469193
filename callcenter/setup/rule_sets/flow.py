"""The life of a version: drafted, published, retired, and perhaps published again. A set is validated as a whole and
published in one transaction, which calls that are routed meanwhile do not notice: each sees one whole version."""

import asyncio
from typing import Any

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict, FieldError, Invalid, NotFound
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author, command
from callcenter.setup.entries import naming
from callcenter.setup.rule_sets import coverage, rules, store
from callcenter.setup.rule_sets.company import known
from callcenter.setup.rule_sets.differences import differences
from callcenter.setup.rule_sets.model import RuleSetState
from callcenter.setup.rule_sets.store import Version

SOMEBODY_WITH_A_SHELL = command("callcenter")
Trunks = frozenset[str] | None


async def validate(tx: Tx, data: Any, trunks: Trunks = None) -> rules.RuleSetBody:
    """The rule set, or Invalid with every error of it. `trunks`: the outbound ones; None when nobody could be asked."""
    body, errors = rules.parse(data)
    if body is not None:
        # In a thread: judging hundreds of rules takes a second, in which this process has other work to do.
        errors = await asyncio.to_thread(coverage.check, body, await known(tx, trunks))
    if body is None or errors:
        raise Invalid("The rule set cannot be published.", tuple(errors))
    return body


class NoDraft(NotFound):
    """There is no draft. PUT /api/rule-sets/draft begins one."""


class NothingPublished(NotFound):
    """No rule set is published yet."""


class NoSuchVersion(NotFound):
    """There is no rule set of this version."""


class NotRetired(Conflict):
    """Only a version that was published before can be rolled back to."""


async def find(tx: Tx, which: str) -> Version:
    """The draft, the published one, or a version by its number. Raises NoDraft, NothingPublished, NoSuchVersion."""
    if which == "draft":
        if (draft := await store.draft(tx)) is None:
            raise NoDraft()
        return draft
    number = await store.published_version(tx) if which == "published" else int(which)
    if number is None:
        raise NothingPublished()
    if (found := await store.version(tx, number)) is None:
        raise NoSuchVersion()
    return found


async def mistakes(tx: Tx, body: rules.RuleSetBody, trunks: Trunks = None) -> tuple[FieldError, ...]:
    """Why this set may not be published; empty when it may."""
    try:
        await validate(tx, body, trunks)
    except Invalid as invalid:
        return invalid.errors
    return ()


async def begin_change(tx: Tx) -> Version | None:
    """From now until the end of the transaction nobody else changes rule sets. Returns the draft."""
    await naming.lock(tx)
    return await store.draft(tx)


async def save_draft(tx: Tx, body: rules.RuleSetBody, note: str, by: Author) -> Version:
    """Begin a draft, or write the one there is anew; it may still have mistakes."""
    before = await begin_change(tx)
    if before is None:
        await store.insert_draft(tx, body, note, by.who)
        saved = await find(tx, "draft")
        after = {"based_on": saved.based_on, "rules": store.written(body)["rules"]}
        await audit.record(tx, by, Change.CREATED, Thing.RULE_SET, str(saved.version), after=after)
        return saved
    await store.change_draft(tx, body, note, by.who)
    saved = await find(tx, "draft")
    found = await asyncio.to_thread(differences, before.body, body)
    words = [difference.words for difference in found]
    await audit.record(
        tx, by, Change.CHANGED, Thing.RULE_SET, str(saved.version),
        before={"revision": before.revision}, after={"revision": saved.revision, "differences": words},
    )  # fmt: skip
    return saved


async def discard_draft(tx: Tx, by: Author) -> None:
    """Throw the draft away; the audit keeps what it said. Raises NoDraft."""
    await naming.lock(tx)
    draft = await find(tx, "draft")
    await store.delete_draft(tx)
    before = {"revision": draft.revision, "note": draft.note, "rules": store.written(draft.body)["rules"]}
    await audit.record(tx, by, Change.DELETED, Thing.RULE_SET, str(draft.version), before=before)


async def publish_draft(tx: Tx, by: Author, trunks: Trunks = None) -> Version:
    """The draft routes calls from the commit on. Raises NoDraft, Invalid."""
    await naming.lock(tx)
    draft = await find(tx, "draft")
    await validate(tx, draft.body, trunks)
    return await _put_live(tx, draft.version, by, Change.PUBLISHED)


async def roll_back(tx: Tx, number: int, by: Author, trunks: Trunks = None) -> Version:
    """This older version routes calls again: under its old number, for these are the same rules. It is judged anew, for
    what it names may be gone. Raises NoSuchVersion, NotRetired, Invalid."""
    await naming.lock(tx)
    chosen = await find(tx, str(number))
    if chosen.state is not RuleSetState.RETIRED:
        raise NotRetired(f"Version {number} is {chosen.state}. {NotRetired.__doc__}")
    await validate(tx, chosen.body, trunks)
    return await _put_live(tx, number, by, Change.ROLLED_BACK)


async def publish(tx: Tx, data: Any, note: str, by: Author = SOMEBODY_WITH_A_SHELL, trunks: Trunks = None) -> int:
    """Publish rules that come from elsewhere, such as a file, as a version of their own; a draft stays as it is.
    Returns the version. Raises Invalid."""
    await naming.lock(tx)
    body = await validate(tx, data, trunks)
    before = await store.published_version(tx)
    await store.retire_published(tx)
    number = await store.insert_published(tx, body, note, by.who, before)
    await _recorded(tx, by, Change.PUBLISHED, before, number, note)
    return number


async def _put_live(tx: Tx, number: int, by: Author, change: Change) -> Version:
    before = await store.published_version(tx)
    await store.retire_published(tx)
    await store.set_published(tx, number, by.who)
    live = await find(tx, "published")
    await _recorded(tx, by, change, before, number, live.note)
    return live


async def _recorded(tx: Tx, by: Author, change: Change, before: int | None, number: int, note: str) -> None:
    """Which version routed calls until now, and which does from now on."""
    await audit.record(
        tx, by, change, Thing.RULE_SET, str(number),
        before=None if before is None else {"published": before}, after={"published": number, "note": note},
    )  # fmt: skip
