"""What a container's health check looks at."""

import asyncio
import os
from pathlib import Path

import pytest

from callcenter.platform.wire.pulse import Pulse
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure

LONG_AGO = 1_000_000.0


async def until(condition: object) -> None:
    """Let the loop turn until the condition holds."""
    assert callable(condition)
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_a_living_process_touches_its_file_and_is_ready_only_while_it_reports(tmp_path: Path) -> None:
    alive, ready = tmp_path / "pulse", tmp_path / "pulse.ready"
    beating = asyncio.create_task(Pulse(Settings(pulse_file=str(alive))).beat_forever(lambda: False))
    await until(alive.exists)
    assert not ready.exists()
    beating.cancel()
    beating = asyncio.create_task(Pulse(Settings(pulse_file=str(alive))).beat_forever(lambda: True))
    await until(ready.exists)
    beating.cancel()


async def test_every_beat_makes_the_file_young_again(tmp_path: Path) -> None:
    alive = tmp_path / "pulse"
    alive.touch()
    os.utime(alive, (LONG_AGO, LONG_AGO))
    beating = asyncio.create_task(Pulse(Settings(pulse_file=str(alive))).beat_forever())
    await until(lambda: alive.stat().st_mtime > LONG_AGO)
    beating.cancel()


async def test_without_the_setting_there_is_nothing_to_do() -> None:
    pulse = Pulse(Settings())
    pulse.reported()
    async with asyncio.timeout(5):
        await pulse.beat_forever(lambda: True)


async def test_a_disk_that_takes_no_file_is_logged_once_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pulse = Pulse(Settings(pulse_file=str(tmp_path / "missing" / "pulse")))
    pulse.reported()
    pulse.reported()
    assert [record.getMessage() for record in caplog.records] == ["pulse not written"]
