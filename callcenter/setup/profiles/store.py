"""All SQL of profiles."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import NotFound
from callcenter.setup.profiles.model import Profile
from callcenter.setup.profiles.rules import ProfileBody


async def get(tx: Tx, name: str) -> ProfileBody:
    """The profile's current version; NotFound when it has none."""
    body = await tx.scalar(sa.select(Profile.body).where(Profile.name == name))
    if body is None:
        raise NotFound(f"There is no profile '{name}'.")
    return ProfileBody.model_validate(body)


async def names(tx: Tx) -> set[str]:
    return {row["name"] for row in await tx.rows(sa.select(Profile.name))}


async def put(tx: Tx, name: str, body: ProfileBody) -> None:
    """Write the profile as its next version."""
    values = {"body": body.model_dump(mode="json"), "changed_at": sa.func.clock_timestamp()}
    await tx.execute(
        insert(Profile)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=[Profile.name], set_=values | {"version": Profile.version + 1})
    )
