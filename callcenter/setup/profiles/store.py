"""All SQL of profiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.setup.audit.model import Thing
from callcenter.setup.entries.rules import Kind
from callcenter.setup.profiles.model import Profile, ProfileKey, ProfileVersion
from callcenter.setup.profiles.rules import Part, ProfileBody, ReadyProfile, SealedKey, ready

PROFILES = Kind(
    Thing.PROFILE, Profile, ProfileBody, "profiles", named_in=frozenset({"profile", "last_profile"}),
)  # fmt: skip
NOBODY = "system"


@dataclass(frozen=True)
class Current:
    """What a call is served by: the profile as it stands, and which version that is."""

    version: int
    body: ReadyProfile


@dataclass(frozen=True)
class KeptKey:
    """What may be told of a key."""

    ends_in: str
    base_url: str
    set_at: datetime


class NoSuchVersion(NotFound):
    """The profile has no such version."""


def _sealed_keys(name: str) -> sa.ScalarSelect[Any]:
    pair = sa.func.jsonb_build_array(ProfileKey.base_url, ProfileKey.sealed)
    return (
        sa.select(sa.func.jsonb_object_agg(ProfileKey.part, pair)).where(ProfileKey.profile == name).scalar_subquery()
    )


async def _find(tx: Tx, name: str) -> Current | None:
    query = sa.select(Profile.version, Profile.body, _sealed_keys(name).label("keys")).where(Profile.name == name)
    row = await tx.row(query)
    if row is None:
        return None
    keys = {part: SealedKey(*pair) for part, pair in (row["keys"] or {}).items()}
    return Current(row["version"], ready(ProfileBody.model_validate(row["body"]), keys))


async def find(tx: Tx, name: str) -> ReadyProfile | None:
    """The profile's current version, if there is one."""
    found = await _find(tx, name)
    return found.body if found else None


async def current(tx: Tx, name: str) -> Current:
    """The profile's current version; the last one of a profile that has been deleted, for the calls that are under way
    with it. NotFound when there never was one."""
    found = await _find(tx, name)
    if found is not None:
        return found
    last = await latest_version(tx, name)
    if last is None:
        raise NotFound(f"There is no profile '{name}'.")
    return Current(last["version"], ready(ProfileBody.model_validate(last["body"]), {}))


async def get(tx: Tx, name: str) -> ReadyProfile:
    """As `current`, without its number."""
    return (await current(tx, name)).body


async def names(tx: Tx) -> set[str]:
    return {row["name"] for row in await tx.rows(sa.select(Profile.name))}


async def put(tx: Tx, name: str, body: ProfileBody) -> None:
    """Write the profile as its next version, without an audit: for the first set-up, and for tests."""
    values = {"body": body.model_dump(mode="json"), "changed_at": sa.func.clock_timestamp()}
    await tx.execute(
        insert(Profile).values(name=name, **values).on_conflict_do_update(index_elements=[Profile.name], set_=values)
    )
    await keep_version(tx, name, body, NOBODY)


async def keep_version(tx: Tx, name: str, body: ProfileBody, made_by: str, restores: int | None = None) -> int:
    """Keep what the profile, which is locked, says now as its next version; the number of the last one where it says
    the same. Numbers go on where a profile of the same name was deleted."""
    plain = body.model_dump(mode="json")
    last = await latest_version(tx, name)
    if last is not None and last["body"] == plain and restores is None:
        version = int(last["version"])
    else:
        version = last["version"] + 1 if last is not None else 1
        await tx.execute(
            sa.insert(ProfileVersion).values(
                profile=name, version=version, body=plain, made_by=made_by, restores=restores
            )
        )
    await tx.execute(sa.update(Profile).where(Profile.name == name).values(version=version))
    return version


async def latest_version(tx: Tx, name: str) -> sa.RowMapping | None:
    query = sa.select(ProfileVersion.__table__).where(ProfileVersion.profile == name)
    return await tx.row(query.order_by(ProfileVersion.version.desc()).limit(1))


async def version(tx: Tx, name: str, number: int) -> sa.RowMapping:
    """Raises NoSuchVersion."""
    row = await tx.row(
        sa.select(ProfileVersion.__table__).where(ProfileVersion.profile == name, ProfileVersion.version == number)
    )
    if row is None:
        raise NoSuchVersion(f"The profile '{name}' has no version {number}.")
    return row


async def versions(tx: Tx, name: str, limit: int, before: int | None = None) -> list[sa.RowMapping]:
    """Latest first; `before` is the last number of the page before."""
    query = sa.select(ProfileVersion.__table__).where(ProfileVersion.profile == name)
    if before is not None:
        query = query.where(ProfileVersion.version < before)
    return await tx.rows(query.order_by(ProfileVersion.version.desc()).limit(limit))


async def numbers(tx: Tx, of: Sequence[str]) -> dict[str, int]:
    """The current version of each of these profiles."""
    rows = await tx.rows(sa.select(Profile.name, Profile.version).where(Profile.name.in_(of)))
    return {row["name"]: row["version"] for row in rows}


async def keys(tx: Tx, of: Sequence[str]) -> dict[str, dict[Part, KeptKey]]:
    """What may be told of the keys of these profiles."""
    columns = (ProfileKey.profile, ProfileKey.part, ProfileKey.ends_in, ProfileKey.base_url, ProfileKey.set_at)
    found: dict[str, dict[Part, KeptKey]] = {name: {} for name in of}
    for row in await tx.rows(sa.select(*columns).where(ProfileKey.profile.in_(of))):
        found[row["profile"]][Part(row["part"])] = KeptKey(row["ends_in"], row["base_url"], row["set_at"])
    return found


async def set_key(tx: Tx, name: str, part: Part, base_url: str, sealed: str, ends_in: str) -> None:
    values = {"base_url": base_url, "sealed": sealed, "ends_in": ends_in, "set_at": sa.func.clock_timestamp()}
    await tx.execute(
        insert(ProfileKey)
        .values(profile=name, part=part, **values)
        .on_conflict_do_update(index_elements=[ProfileKey.profile, ProfileKey.part], set_=values)
    )


async def forget_key(tx: Tx, name: str, part: Part) -> bool:
    result = await tx.execute(sa.delete(ProfileKey).where(ProfileKey.profile == name, ProfileKey.part == part))
    return result.rowcount == 1
