"""All SQL of uploaded sounds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.queues.model import Queue
from callcenter.setup.sounds.model import Sound, SoundKind
from callcenter.setup.sounds.rules import Prepared


class SoundEntry(BaseModel):
    """An uploaded sound, without its audio. `seconds`: its length; `loudness`: that of the upload, in LUFS; `text`:
    what a model spoke, null for a file; `language` as BCP 47, null where nobody said."""

    name: str
    kind: SoundKind
    digest: str
    seconds: float
    loudness: float
    created_at: datetime
    language: str | None
    text: str | None


@dataclass(frozen=True)
class About:
    """What is kept beside a sound."""

    language: str | None = None
    text: str | None = None


_ENTRY = tuple(Sound.__table__.c[name] for name in SoundEntry.model_fields)


async def all_sounds(tx: Tx) -> list[SoundEntry]:
    return [SoundEntry(**row) for row in await tx.rows(sa.select(*_ENTRY).order_by(Sound.name))]


async def find(tx: Tx, name: str) -> SoundEntry | None:
    row = await tx.row(sa.select(*_ENTRY).where(Sound.name == name))
    return SoundEntry(**row) if row else None


async def insert(tx: Tx, name: str, kind: SoundKind, sound: Prepared, about: About) -> SoundEntry:
    values: dict[str, Any] = {
        "name": name, "kind": kind, "digest": sound.digest, "seconds": sound.seconds, "loudness": sound.loudness,
        "audio": sound.audio, "language": about.language, "text": about.text,
    }  # fmt: skip
    (row,) = await tx.rows(sa.insert(Sound).values(**values).returning(*_ENTRY))
    return SoundEntry(**row)


async def delete(tx: Tx, name: str) -> None:
    await tx.execute(sa.delete(Sound).where(Sound.name == name))


async def audio(tx: Tx, digest: str) -> bytes | None:
    """The PCM of this digest, None when there is no such sound."""
    if "\x00" in digest:  # no text of Postgres
        return None
    return await tx.scalar(sa.select(Sound.audio).where(Sound.digest == digest).limit(1))  # type: ignore[no-any-return]


async def names(tx: Tx, kind: SoundKind) -> frozenset[str]:
    return frozenset(row["name"] for row in await tx.rows(sa.select(Sound.name).where(Sound.kind == kind)))


async def digest_of(tx: Tx, name: str | None, kind: SoundKind) -> str:
    """The digest of a sound of this kind, "" when there is none of that name."""
    query = sa.select(Sound.digest).where(Sound.name == name, Sound.kind == kind)
    return (await tx.scalar(query) or "") if name else ""


async def queues_with(tx: Tx, names: Collection[str]) -> list[str]:
    """The queues whose music is one of these."""
    query = sa.select(Queue.name).where(Queue.body["music"].astext.in_(names)).order_by(Queue.name)
    return [row["name"] for row in await tx.rows(query)]


async def music_of_queues(tx: Tx) -> list[tuple[str, str]]:
    """Every queue with the music it plays."""
    rows = await tx.rows(sa.select(Queue.name, Queue.body["music"].astext.label("music")).order_by(Queue.name))
    return [(row["name"], row["music"]) for row in rows]
