"""Without the SIP edge one INVITE kills livekit-sip 1.8.0: a payload type of 255 (media-sdk's rtp/codecs.go panics)."""

import asyncio
import subprocess

import psutil
import pytest

from sip.edge import Address
from tests.edge.ground import answer_to, options
from tests.edge.messages import SDP, invite
from tests.journeys.caller import until
from tests.journeys.mortal.stack import Mortal
from tests.journeys.mortal.test_engine_faults import one_talks_and_one_waits

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(180)]

DEADLY = SDP.replace("0 8 101", "0 8 255")
RESTARTED_SECONDS = 1.0
RECORDED_SECONDS = 8.0


async def test_i1_i3_an_invite_that_kills_livekit_sip_ends_its_calls_as_failed_and_it_is_started_within_a_second(
    mortal: Mortal,
) -> None:
    to = Address(*mortal.stack.sip)
    async with one_talks_and_one_waits(mortal) as calls:
        dead = psutil.Process(await mortal.pid("livekit-sip"))
        at = kernels_time()
        await answer_to(to, invite(body=DEADLY), 0.2)

        async def part() -> dict[str, object]:
            return await asyncio.to_thread(mortal.stack.part, "livekit-sip")

        back = await until(part, lambda now: now["pid"] not in (None, dead.pid) and bool(now["healthy"]), 15)
        assert not dead.is_running(), "livekit-sip has survived it: is the edge's reason gone?"
        started = psutil.Process(int(str(back["pid"]))).create_time()
        print(f"livekit-sip: started again {started - at:.2f} s after the INVITE")
        assert started - at < RESTARTED_SECONDS
        assert await answer_to(to, options(to), 2) is not None
        for caller in calls:
            record = await mortal.until(caller, lambda found: found["state"] == "ended", RECORDED_SECONDS)
            assert (record["outcome"], record["ended_by"]) == ("failed", "system")
    await mortal.all_seats_are_free(5)
    await mortal.no_promise_is_broken()


def kernels_time() -> float:
    """Now, on the clock by which the kernel tells when processes were started; it may be off the wall clock's."""
    with subprocess.Popen(("sleep", "60")) as marker:
        try:
            return psutil.Process(marker.pid).create_time()
        finally:
            marker.kill()
