"""`callcenter agent`: one agent worker. Also `python -m callcenter.platform.entrypoints.agent`.

The job processes import this module as their main module, so it imports nothing heavy and nothing of the database.
"""

import asyncio

from callcenter.inroom.agent.worker import AgentWorker
from callcenter.inroom.quiet import quiet_livekit
from callcenter.platform.wire import log
from callcenter.platform.wire.pulse import Pulse
from callcenter.platform.wire.settings import Settings


def run(settings: Settings) -> None:
    """Run until drained by SIGTERM, SIGINT or the desk; a second signal does not hurry it."""
    log.configure(settings.log_level)
    quiet_livekit()

    async def work() -> None:
        worker = AgentWorker(settings)
        pulse = asyncio.create_task(Pulse(settings).beat_forever(lambda: worker.reporting))
        try:
            await worker.run()
        finally:
            pulse.cancel()

    asyncio.run(work())


if __name__ == "__main__":
    run(Settings())
