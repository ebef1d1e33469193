"""Changing what is kept by name: checked, audited, and only from the edition that was read."""

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.editions import ExistsAlready, Expected
from callcenter.platform.plumbing.errors import FieldError, Invalid, NotFound
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change
from callcenter.setup.audit.rules import Author
from callcenter.setup.entries import naming, store
from callcenter.setup.entries.rules import Body, Entry, Kind, plain, unstorable


async def find(tx: Tx, kind: Kind[Body], key: str) -> Entry[Body] | None:
    """The entry of this name. Raises Invalid where no entry could have it."""
    return await store.find(tx, kind, _key(kind, key))


async def get(tx: Tx, kind: Kind[Body], key: str) -> Entry[Body]:
    """Raises NotFound, Invalid."""
    entry = await find(tx, kind, key)
    if entry is None:
        raise _missing(kind, key)
    return entry


async def put(
    tx: Tx, kind: Kind[Body], author: Author, key: str, body: Body, expected: Expected | None
) -> tuple[Entry[Body], bool]:
    """Write an entry; returns it, and whether it is new. `expected` is None where no edition was read (a file).

    Raises Invalid, EditionMissing, EditionChanged.
    """
    await naming.lock(tx)
    found = await store.find(tx, kind, _key(kind, key), lock=True)
    if expected is not None:
        expected.check(found.edition if found else None)
    errors = [*unstorable(plain(body))] or await kind.check(tx, body)
    if errors:
        raise Invalid(errors=tuple(errors))
    if found is None:
        made = await _create(tx, kind, author, key, body)
        return made, True
    if found.body == body:
        return found, False
    changed = await store.update(tx, kind, found.key, body)
    await kind.follow(tx, found.key, body)
    before, after = plain(found.body), plain(body)
    await audit.record(tx, author, Change.CHANGED, kind.thing, found.key, before=before, after=after)
    return changed, False


async def _create(tx: Tx, kind: Kind[Body], author: Author, key: str, body: Body) -> Entry[Body]:
    new_key = _key(kind, key, new=True)
    made = await store.insert_new(tx, kind, new_key, body)
    if made is None:
        raise ExistsAlready("Somebody else has just made one of this name.")
    await kind.follow(tx, new_key, body)
    await audit.record(tx, author, Change.CREATED, kind.thing, new_key, after=plain(body))
    return made


async def delete(tx: Tx, kind: Kind[Body], author: Author, key: str, expected: Expected) -> None:
    """Raises NotFound, EditionMissing, EditionChanged, NamedByRules, StillNeeded, InUse."""
    await naming.lock(tx)
    found = await store.find(tx, kind, _key(kind, key), lock=True)
    if found is None:
        raise _missing(kind, key)
    expected.check(found.edition)
    if kind.named_in:
        await naming.refuse_if_named(tx, kind.named_in, found.key)
    if needed := await kind.needed_by(tx, found.key):
        raise naming.StillNeeded(errors=tuple(needed))
    await store.delete(tx, kind, found.key)
    await audit.record(tx, author, Change.DELETED, kind.thing, found.key, before=plain(found.body))


def _key(kind: Kind[Body], key: str, *, new: bool = False) -> str:
    try:
        return kind.new_key(key) if new else kind.any_key(key)
    except ValueError as error:
        raise Invalid(errors=(FieldError(f"path.{kind.key_field}", key, str(error)),)) from error


def _missing(kind: Kind[Body], key: str) -> NotFound:
    return NotFound(f"There is no {kind.words} '{key}'.")
