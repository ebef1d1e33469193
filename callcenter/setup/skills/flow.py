"""Skills that are announced before an agent brings them, and those that nobody will bring any more."""

from collections.abc import Mapping

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict, FieldError, Invalid, NotFound
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.setup.entries import naming
from callcenter.setup.skills import rules, store

LONGEST_NAME = 80


class NoSuchSkill(NotFound):
    """There is no skill of this name."""


class SkillOfQueues(Conflict):
    """Queues require it: change them first."""


class SkillOfAgents(Conflict):
    """Agents bring it: take it from their settings first."""


async def announce(tx: Tx, author: Author, name: str) -> tuple[sa.RowMapping, bool]:
    """Make a skill known that no agent has brought yet; returns it, and whether it is new. Raises Invalid."""
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or "," in name or "\x00" in name:
        expected = f"a name of at most {LONGEST_NAME} characters without commas, such as german or billing"
        raise Invalid(errors=(FieldError("path.name", name.replace("\x00", "\\0"), expected),))
    if (found := await store.find(tx, name)) is not None:
        return found, False
    await store.seen(tx, [name])
    await audit.record(tx, author, Change.CREATED, Thing.SKILL, name, after={})
    made = await store.find(tx, name)
    assert made is not None
    return made, True


async def remove(tx: Tx, author: Author, name: str, seats: int) -> None:
    """`seats` of agents have it now. Raises NoSuchSkill, SkillOfAgents, SkillOfQueues, NamedByRules."""
    await naming.lock(tx)
    if "\x00" in name or await store.find(tx, name) is None:
        raise NoSuchSkill(f"There is no skill '{name}'.")
    if seats:
        raise SkillOfAgents()
    if queues := list(rules.asked_for_by(await store.bodies_of_queues(tx), name)):
        fields = (FieldError(f"queues.{queue}.required_skills", name, "queues without this skill") for queue in queues)
        raise SkillOfQueues(errors=tuple(fields))
    await naming.refuse_if_named(tx, rules.FIELDS, name)
    await store.delete(tx, name)
    await audit.record(tx, author, Change.DELETED, Thing.SKILL, name, before={})


async def places(tx: Tx) -> Mapping[str, tuple[list[str], list[str]]]:
    """For every skill the queues that require it and the places in rules that name it."""
    names, queues = [row["name"] for row in await store.every(tx)], await store.bodies_of_queues(tx)
    rules_with = await naming.named_by_rules(tx, rules.FIELDS, names)
    return {name: (list(rules.asked_for_by(queues, name)), rules_with[name]) for name in names}
