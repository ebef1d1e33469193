"""What the api and router processes have in common: database, media server, journey."""

from dataclasses import dataclass

from callcenter.journey.effects import Performer
from callcenter.journey.verb import Journey, Timing
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.livekit_rooms import LiveKitRooms
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.settings import Settings

DESK_SILENT_SECONDS = 10.0  # decision 5: jobs of a dead replica get so long to reconnect
JOB_TOKEN_GRACE_SECONDS = 600


@dataclass(frozen=True)
class ControlPlane:
    """The parts of a control-plane process."""

    settings: Settings
    db: Database
    rooms: LiveKitRooms
    tokens: JobTokens
    journey: Journey

    async def close(self) -> None:
        await self.journey.performer.settle()
        await self.rooms.close()
        await self.db.close()


def timing_of(settings: Settings) -> Timing:
    return Timing(
        answer_after=settings.answer_after_seconds,
        offer_lease=settings.offer_lease_seconds,
        worker_silent=settings.worker_silent_seconds,
        desk_silent=DESK_SILENT_SECONDS,
        max_call=settings.max_call_seconds,
    )


def control_plane(settings: Settings) -> ControlPlane:
    """Wire one process; needs a running event loop (LiveKit's HTTP client does)."""
    db = Database(settings.database_url)
    rooms = LiveKitRooms(settings)
    tokens = JobTokens(settings.desk_secret.get_secret_value(), settings.max_call_seconds + JOB_TOKEN_GRACE_SECONDS)
    performer = Performer(db, rooms, tokens, settings.desk_url)
    return ControlPlane(settings, db, rooms, tokens, Journey(db, performer, timing_of(settings)))
