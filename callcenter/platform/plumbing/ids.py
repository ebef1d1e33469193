"""Ids: UUIDv7 as text, so that they sort by time of making (RFC 9562)."""

from typing import NewType

from uuid_utils import uuid7

CallId = NewType("CallId", str)
OfferId = NewType("OfferId", str)
LegId = NewType("LegId", str)


def new_id() -> str:
    return str(uuid7())
