"""Who is who in a room: grants and revokes find our participants by these names."""

from callcenter.platform.wire.base import SeatKind


def agent_identity(offer_id: str) -> str:
    """The identity under which the agent of this offer joins."""
    return f"agent-{offer_id}"


def attendant_identity(offer_id: str) -> str:
    """The identity under which the attendant of this offer joins."""
    return f"attendant-{offer_id}"


def identity_of(kind: SeatKind, offer_id: str) -> str:
    """The identity under which whoever has such a seat joins for this offer."""
    return agent_identity(offer_id) if kind is SeatKind.AGENT else attendant_identity(offer_id)
