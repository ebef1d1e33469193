"""`callcenter restart`: every replica of our own processes in turn, so that somebody is always there."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.parts import StartError
from callcenter.platform.entrypoints.refusal import refuse
from callcenter.platform.wire.settings import Settings

PARTS = ("api", "router", "attendant", "agent")  # the control plane first: workers that come back meet the new one
WORKERS = ("attendant", "agent")
BACK_SECONDS = 60.0  # to be up again; what a worker drains comes on top
LOOK_SECONDS = 0.1


def restart(settings: Settings, part: str | None, back_seconds: float = BACK_SECONDS) -> int:
    """Stop each replica of `part` (all of ours by default) with SIGTERM, which drains a worker, wait until it is back
    healthy, and go on to the next. 0 when all are back, 1 with the reason as soon as one is not."""
    if part is not None and part not in PARTS:
        return refuse(f"there is no part '{part}' to restart; expected one of {', '.join(PARTS)}")
    folder = DataFolder(settings.data_dir)
    try:
        drain_seconds = float(folder.read_environment().get("CALLCENTER_DRAIN_SECONDS", settings.drain_seconds))
        wanted = [part] if part else PARTS
        found = [(p["name"], p["replica"]) for name in wanted for p in _parts(folder) if p["name"] == name]
        for name, replica in found:
            _all_healthy(folder, back_seconds)
            limit = back_seconds + (drain_seconds if name in WORKERS else 0)
            _one(folder, name, replica, limit)
    except StartError as error:
        return refuse(str(error))
    sys.stdout.write(f"Restarted {len(found)}.\n")
    return 0


def _one(folder: DataFolder, name: str, replica: int, limit_seconds: float) -> None:
    before = _find(folder, name, replica)
    label = name if replica == 1 else f"{name}-{replica}"
    _say(f"{label}: " + ("finishes its calls" if name in WORKERS else "stops"))
    began = time.monotonic()
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(before["pid"]), signal.SIGTERM)

    def back() -> str | None:
        now = _find(folder, name, replica)
        if now["pid"] not in (None, before["pid"]) and now["healthy"]:
            return None
        return f"{label} did not come back: {now['detail'] or 'it does not end'} (log: {now['log']})"

    _until(back, limit_seconds)
    _say(f"{label}: back after {time.monotonic() - began:.1f} s")


def _all_healthy(folder: DataFolder, limit_seconds: float) -> None:
    def trouble() -> str | None:
        ill = [f"{p['name']} {p['replica']}: {p['detail']}" for p in _parts(folder) if not p["healthy"]]
        return f"not everything is healthy, so nothing more is stopped: {'; '.join(ill)}" if ill else None

    _until(trouble, limit_seconds)


def _until(trouble: Callable[[], str | None], limit_seconds: float) -> None:
    """Look until there is no trouble any more. Raises `StartError` with the trouble when the limit is over."""
    deadline = time.monotonic() + limit_seconds
    while (what := trouble()) is not None:
        if time.monotonic() > deadline:
            raise StartError(f"{what}, after {limit_seconds:g} s")
        time.sleep(LOOK_SECONDS)


def _find(folder: DataFolder, name: str, replica: int) -> dict[str, Any]:
    return next(p for p in _parts(folder) if (p["name"], p["replica"]) == (name, replica))


def _parts(folder: DataFolder) -> list[dict[str, Any]]:
    """The supervisor's parts. Raises `StartError` when it is not there."""
    parts: list[dict[str, Any]] = folder.read_state().get("parts", [])
    if folder.holder() is None or not parts:
        raise StartError(f"nothing runs on {folder.root}: `callcenter up` starts it")
    return parts


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
