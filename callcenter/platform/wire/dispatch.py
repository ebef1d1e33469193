"""What travels with a LiveKit dispatch: enough for the job to find its desk and prove which call it is for."""

from pydantic import BaseModel, ConfigDict


class DispatchMetadata(BaseModel):
    """JSON in `JobRequest.job.metadata`. Our agent's identity in the room is `agent_identity(offer_id)`."""

    model_config = ConfigDict(frozen=True)

    call_id: str
    offer_id: str
    token: str
    desk_url: str
    caller_identity: str


def agent_identity(offer_id: str) -> str:
    """The identity under which the agent of this offer joins; grants and revokes find it by this name."""
    return f"agent-{offer_id}"


def attendant_identity(offer_id: str) -> str:
    """The identity under which the attendant of this offer joins."""
    return f"attendant-{offer_id}"
