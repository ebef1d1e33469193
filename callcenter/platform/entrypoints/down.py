"""`callcenter down`: the stack of a data folder ends, and nothing of it is left."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable

import psutil

from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.parts import StartError
from callcenter.platform.entrypoints.refusal import refuse
from callcenter.platform.wire.settings import Settings

DOWN_SECONDS = 45.0


def down(settings: Settings) -> int:
    """Stop the stack of this data folder; returns when no process of it is left. 0 also when none was running."""
    folder = DataFolder(settings.data_dir)
    try:
        pid = folder.holder()
        if pid is None:
            sys.stdout.write(f"Nothing runs on {folder.root}.\n")
            return 0
        if pid == 0:
            return refuse(f"{folder.lock} is held, but does not say by whom: `up` has just started, or was just killed")
        _signal(pid, signal.SIGTERM)
        if not end(pid) or not _wait(lambda: folder.holder() is None, 5.0):
            return refuse(f"pid {pid} does not end")
    except StartError as error:
        return refuse(str(error))
    sys.stdout.write("Stopped.\n")
    return 0


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def end(pid: int) -> bool:
    """Wait for this process, which was asked to stop, and all below it to be gone; kill what is left in the end."""
    family = _family(pid)
    _, left = psutil.wait_procs(family, DOWN_SECONDS)
    for process in {*left, *_family(pid)} if left else ():
        with contextlib.suppress(psutil.Error):
            process.kill()
    return _wait(lambda: all(_gone(process) for process in family), 5.0)


def _gone(process: psutil.Process) -> bool:
    """Ended; whether its parent has taken note does not matter."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
