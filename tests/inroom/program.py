"""Starts a process of ours as an operator does, told of a scripted desk."""

import asyncio
import os
import sys
from pathlib import Path

from tests.inroom.fake_desk import SECRET, FakeDesk


async def started(part: str, desk: FakeDesk, folder: Path, **environment: str) -> asyncio.subprocess.Process:
    """The process of `part` ("agent", "attendant"), whose data and log lie in `folder`."""
    variables = {
        "CALLCENTER_DESK_URL": desk.url,
        "CALLCENTER_DESK_SECRET": SECRET,
        "CALLCENTER_DATA_DIR": str(folder),
        **environment,
    }
    with (folder / f"{part}.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"callcenter.platform.entrypoints.{part}",
            env={**os.environ, **variables},
            stdout=log,
            stderr=log,
        )
