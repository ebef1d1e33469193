"""Who calls the desk and what passes between them: the facts of a connection, without the connection (link.py)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosed, InvalidStatus

from callcenter.platform.wire.asking import Announce, NewPlan
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.messages import Denied, Drain, Fade, Leave, Registered, SayAndEnd, Take
from callcenter.platform.wire.supervision import SayNext, Supervised, Whisper

logger = logging.getLogger(__name__)

POLICY_VIOLATION = 1008

Command = (
    Registered | Take | Fade | NewPlan | Announce | SayAndEnd | Leave | Drain | Denied | Supervised | SayNext | Whisper
)


class LinkRefusedError(Exception):
    """The desk does not accept this connection's credentials."""


@dataclass(frozen=True)
class Line:
    """Who calls the desk. `first` is said on every connection, `beat` every `beat_seconds` while connected."""

    url: str
    secret: str
    first: Callable[[], Message]
    beat: Callable[[], Message]
    beat_seconds: float
    on_command: Callable[[Command], None]
    give_up_when_refused: bool = False


def is_refusal(error: Exception) -> bool:
    """Whether the desk said no to who we are: an HTTP 401 or 403, or a close for policy (RFC 6455, 7.4.1)."""
    if isinstance(error, InvalidStatus):
        return error.response.status_code in (401, 403)
    return isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code == POLICY_VIOLATION


def frame_of(message: Message) -> str | None:
    """The message as sent; None, with an error in the log, for one that no frame can carry: the others must go on."""
    try:
        return message.model_dump_json()
    except ValueError as error:
        extra = {"type": type(message).__name__, "error": type(error).__name__}
        logger.error("message cannot be sent and is dropped", extra=extra)
        return None
