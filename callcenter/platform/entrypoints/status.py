"""`callcenter status`: what runs on this data folder, from the supervisor's state and, for seats and jobs, the desk."""

import asyncio
import json
import sys
from typing import Any

import httpx

from callcenter.platform.embedded.checks import DeskParts
from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.parts import StartError, UnhealthyError
from callcenter.platform.wire.settings import Settings

UP, NOT_UP = 0, 3


def status(settings: Settings, *, as_json: bool) -> int:
    """Print the state of the stack. Returns 0 when it is up, 3 in every other case."""
    try:
        state = read(DataFolder(settings.data_dir))
    except StartError as error:
        state = {**_nothing(), "reason": str(error)}
    if as_json:
        sys.stdout.write(json.dumps(state, indent=2) + "\n")
    else:
        _show(state)
    return UP if state["state"] == "up" else NOT_UP


def read(folder: DataFolder) -> dict[str, Any]:
    """The JSON that contract.md fixes for `status --json`."""
    state = _nothing() | folder.read_state()
    if folder.holder() is None:
        return {**_nothing(), "reason": state.get("reason", "")}
    if state["state"] == "down":
        state["state"] = "starting"
    workers = asyncio.run(_workers(folder))
    for part in state["parts"]:
        known = workers.get(part["pid"])
        if known is not None and "worker" in known:
            part.update({name: known[name] for name in ("worker", "seats", "jobs") if name in known})
    return state


async def _workers(folder: DataFolder) -> dict[int, dict[str, Any]]:
    environment = folder.read_environment()
    if not environment.get("CALLCENTER_DESK_SECRET"):
        return {}
    api = str(folder.read_state().get("urls", {}).get("api", ""))
    async with httpx.AsyncClient(timeout=2.5, trust_env=False) as client:
        try:
            return await DeskParts(client, api, environment["CALLCENTER_DESK_SECRET"]).by_pid()
        except UnhealthyError:
            return {}


def _nothing() -> dict[str, Any]:
    return {
        "state": "down",
        "reason": "",
        "urls": {"console": "", "api": "", "livekit": "", "model": ""},
        "sip": {"host": "", "port": 0},
        "database_url": "",
        "login": {"email": "", "password_file": ""},
        "parts": [],
    }


def _show(state: dict[str, Any]) -> None:
    lines = [f"{state['state']}{': ' + state['reason'] if state['reason'] else ''}"]
    for part in state["parts"]:
        mark = "●" if part["healthy"] else "○"
        name = part["name"] if part["replica"] == 1 else f"{part['name']}-{part['replica']}"
        seats = f"  {len(part['jobs'])}/{part['seats']} seats" if part["seats"] else ""
        again = f"  {part['restarts']} restarts" if part["restarts"] else ""
        lines.append(f"  {mark} {name:<15} pid {part['pid'] or '–':<8} {part['detail']}{seats}{again}")
    if state["urls"]["console"]:
        lines += [
            f"  console {state['urls']['console']}",
            f"  sign in {state['login']['email']}, passwords in {state['login']['password_file']}",
            f"  sip     {state['sip']['host']}:{state['sip']['port']}",
        ]
    sys.stdout.write("\n".join(lines) + "\n")
