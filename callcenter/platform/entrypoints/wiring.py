"""What the api and router processes have in common: database, media server, journey."""

import hashlib
import hmac
from dataclasses import dataclass

from callcenter.journey.effects import Performer
from callcenter.journey.verb import Journey, Timing
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.livekit_calls import LiveKitCalls
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.settings import Settings

DESK_SILENT_SECONDS = 10.0  # decision 5: jobs of a dead replica get so long to reconnect
ATTENDANT_SILENT_SHARE = 0.6  # 2.4 s by default: its callers hear nothing meanwhile (I7)
JOB_TOKEN_GRACE_SECONDS = 600


MIN_SECRET_LENGTH = 32


class NotConfigured(SystemExit):
    """A process of the control plane cannot start like this."""


def job_key(secret: str) -> str:
    """The key of job tokens, another than the secret that lets workers register."""
    return hmac.new(secret.encode(), b"job tokens", hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class ControlPlane:
    """The parts of a control-plane process."""

    settings: Settings
    db: Database
    rooms: LiveKitRooms
    tokens: JobTokens
    journey: Journey
    lines: LiveKitCalls

    async def close(self) -> None:
        await self.journey.performer.settle()
        await self.lines.close()
        await self.rooms.close()
        await self.db.close()


def timing_of(settings: Settings) -> Timing:
    return Timing(
        answer_after=settings.answer_after_seconds,
        offer_lease=settings.offer_lease_seconds,
        worker_silent=settings.worker_silent_seconds,
        attendant_silent=ATTENDANT_SILENT_SHARE * settings.worker_silent_seconds,
        desk_silent=DESK_SILENT_SECONDS,
        max_call=settings.max_call_seconds,
        drain=settings.drain_seconds,
        test_call=settings.test_call_seconds,
    )


def control_plane(settings: Settings) -> ControlPlane:
    """Wire one process; needs a running event loop (LiveKit's HTTP client does)."""
    secret = settings.desk_secret.get_secret_value()
    if len(secret) < MIN_SECRET_LENGTH or not settings.livekit_api_secret.get_secret_value():
        raise NotConfigured(
            f"CALLCENTER_DESK_SECRET (at least {MIN_SECRET_LENGTH} characters) and LIVEKIT_API_SECRET must be set: "
            "`callcenter up` generates them, other ways of starting have to"
        )
    db = Database(settings.database_url)
    rooms = LiveKitRooms(settings)
    tokens = JobTokens(job_key(secret), settings.max_call_seconds + JOB_TOKEN_GRACE_SECONDS)
    performer = Performer(db, rooms)
    lines = LiveKitCalls(settings, rooms)
    return ControlPlane(settings, db, rooms, tokens, Journey(db, performer, timing_of(settings), lines), lines)
