"""All SQL of queues."""

from collections.abc import Collection

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, NotFound
from callcenter.setup.audit.model import Thing
from callcenter.setup.entries.rules import Kind
from callcenter.setup.profiles import store as profiles
from callcenter.setup.queues.model import Queue
from callcenter.setup.queues.needed import needed_by
from callcenter.setup.queues.rules import MADE_HERE, MoreThanEnough, OtherQueue, QueueBody
from callcenter.setup.rule_sets.actions import ToQueue
from callcenter.setup.sounds import store as sounds
from callcenter.setup.sounds.model import SoundKind


async def _unknown_names(tx: Tx, body: QueueBody) -> list[FieldError]:
    known = await profiles.names(tx)
    expected = f"an existing profile: {', '.join(sorted(known)) or 'none is set up yet'}"
    found = [] if body.profile in known else [FieldError("profile", body.profile, expected)]
    found += [*await _unknown_music(tx, body), *await _unknown_queues(tx, body)]
    return [*found, *await unknown_queue(tx, "when_full.queue", body.when_full)]


async def unknown_queue(tx: Tx, field: str, then: MoreThanEnough) -> list[FieldError]:
    """What is wrong with where calls go that there is no room for."""
    if not isinstance(then, ToQueue):
        return []
    known = sorted(await bodies(tx))
    expected = f"an existing queue: {', '.join(known) or 'none is set up yet'}"
    return [] if then.queue in known else [FieldError(field, then.queue, expected)]


async def _unknown_music(tx: Tx, body: QueueBody) -> list[FieldError]:
    known = sorted({MADE_HERE, *await sounds.names(tx, SoundKind.MUSIC)})
    expected = f"{' or '.join(known)}, or the name of an uploaded sound of kind music"
    return [] if body.music in known else [FieldError("music", body.music, expected)]


async def _unknown_queues(tx: Tx, body: QueueBody) -> list[FieldError]:
    named = {key: each.then.queue for key, each in body.keys.items() if isinstance(each.then, OtherQueue)}
    known = sorted(await bodies(tx)) if named else []
    expected = f"an existing queue: {', '.join(known) or 'none is set up yet'}"
    return [FieldError(f"keys.{key}.then.queue", name, expected) for key, name in named.items() if name not in known]


QUEUES = Kind(
    Thing.QUEUE, Queue, QueueBody, "queues", named_in=frozenset({"queue", "last_queue"}), needed_by=needed_by,
    check=_unknown_names,
)  # fmt: skip


async def find(tx: Tx, name: str) -> QueueBody | None:
    """The queue as it stands."""
    body = await tx.scalar(sa.select(Queue.body).where(Queue.name == name))
    return QueueBody.model_validate(body) if body is not None else None


async def get(tx: Tx, name: str) -> QueueBody:
    """The queue as it stands; NotFound when there is none of that name."""
    queue = await find(tx, name)
    if queue is None:
        raise NotFound(f"There is no queue '{name}'.")
    return queue


async def bodies(tx: Tx, names: Collection[str] | None = None) -> dict[str, QueueBody]:
    """The queues of these names that exist, or all."""
    query = sa.select(Queue.name, Queue.body)
    rows = await tx.rows(query if names is None else query.where(Queue.name.in_(names)))
    return {row["name"]: QueueBody.model_validate(row["body"]) for row in rows}
