"""`callcenter worker drain NAME`."""

import asyncio

from callcenter.platform.desk import workers
from callcenter.platform.entrypoints.wiring import control_plane
from callcenter.platform.wire.settings import Settings


def drain(settings: Settings, name: str, within_seconds: float | None = None) -> None:
    """No new calls for this worker; it exits when those it has are done, or handed over after so many seconds (by
    default the setting's). Raises NotFound."""
    asyncio.run(_drain(settings, name, within_seconds))


async def _drain(settings: Settings, name: str, within_seconds: float | None) -> None:
    plane = control_plane(settings)
    waking = asyncio.create_task(plane.journey.performer.wake_forever())
    try:
        await workers.drain(plane.journey, name, within_seconds)
    finally:
        waking.cancel()
        await plane.close()
