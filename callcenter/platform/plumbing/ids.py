"""Ids: UUIDv7 as text, so that they sort by time of making (RFC 9562)."""

from typing import NewType
from uuid import UUID

from uuid_utils import uuid7

CallId = NewType("CallId", str)
OfferId = NewType("OfferId", str)
LegId = NewType("LegId", str)


def is_id(value: str) -> bool:
    """Whether this can be an id of ours at all; Postgres refuses to look for anything else."""
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def new_id() -> str:
    return str(uuid7())
