"""`callcenter attendant`: one attendant process. Also `python -m callcenter.platform.entrypoints.attendant`."""

import asyncio

from callcenter.inroom.attendant.worker import AttendantWorker
from callcenter.inroom.quiet import quiet_livekit
from callcenter.platform.wire import log
from callcenter.platform.wire.pulse import Pulse
from callcenter.platform.wire.settings import Settings


def run(settings: Settings) -> None:
    """Run until drained by SIGTERM, SIGINT or the desk."""
    log.configure(settings.log_level)
    quiet_livekit()

    async def work() -> None:
        worker = AttendantWorker(settings)
        pulse = asyncio.create_task(Pulse(settings).beat_forever(lambda: worker.reporting))
        try:
            await worker.run()
        finally:
            pulse.cancel()

    asyncio.run(work())


if __name__ == "__main__":
    run(Settings())
