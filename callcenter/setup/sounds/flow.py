"""Sounds come and go. One that is there is not changed: delete it, or give the new one another name."""

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Conflict, FieldError, Invalid, NotFound
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.setup.entries import naming
from callcenter.setup.entries.rules import a_name
from callcenter.setup.queues.rules import MADE_HERE
from callcenter.setup.sounds import store
from callcenter.setup.sounds.model import SoundKind
from callcenter.setup.sounds.rules import Prepared
from callcenter.setup.sounds.store import About, SoundEntry

NAMED_IN = frozenset({"audio"})


class NoSuchSound(NotFound):
    """There is no sound of this name."""


class SoundExists(Conflict):
    """There is a sound of this name. Delete it first, or choose another name."""


class MusicOfQueues(Conflict):
    """Queues play it: give them other music first."""


def wrong_name(name: str) -> FieldError | None:
    """Why a new sound cannot have this name."""
    if name == MADE_HERE:
        return FieldError("query.name", name, f"another name than {MADE_HERE}, which is the music made here")
    try:
        a_name(name)
    except ValueError as error:
        return FieldError("query.name", name, str(error))
    return None


async def add(
    tx: Tx, author: Author, name: str, kind: SoundKind, sound: Prepared, about: About | None = None
) -> SoundEntry:
    """Raises Invalid, SoundExists."""
    if (wrong := wrong_name(name)) is not None:
        raise Invalid(errors=(wrong,))
    await naming.lock(tx)
    if await store.find(tx, name) is not None:
        raise SoundExists()
    entry = await store.insert(tx, name, kind, sound, about or About())
    await audit.record(tx, author, Change.CREATED, Thing.SOUND, name, after=entry.model_dump(mode="json"))
    return entry


async def get(tx: Tx, name: str) -> SoundEntry:
    """Raises NoSuchSound."""
    if (entry := await store.find(tx, name)) is None:
        raise NoSuchSound(f"There is no sound '{name}'.")
    return entry


async def remove(tx: Tx, author: Author, name: str) -> None:
    """Raises NoSuchSound, NamedByRules, MusicOfQueues."""
    await naming.lock(tx)
    entry = await get(tx, name)
    await naming.refuse_if_named(tx, NAMED_IN, name)
    if queues := await store.queues_with(tx, [name]):
        raise MusicOfQueues(errors=tuple(FieldError(f"queues.{queue}.music", name, "other music") for queue in queues))
    await store.delete(tx, name)
    await audit.record(tx, author, Change.DELETED, Thing.SOUND, name, before=entry.model_dump(mode="json"))


async def used_by(tx: Tx) -> dict[str, list[str]]:
    """For every sound by what it is played: `queues.support.music`, `published.rules.2.then.audio`."""
    found = await naming.named_by_rules(tx, NAMED_IN, [entry.name for entry in await store.all_sounds(tx)])
    for queue, music in await store.music_of_queues(tx):
        if music in found:
            found[music].append(f"queues.{queue}.music")
    return found
