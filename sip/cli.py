"""`python -m sip plan|apply`: trunks and dispatch rules from files into LiveKit. `python -m sip edge`: docs/edge.md.

Exit codes: 0 nothing to do, or applied; 2 changes pending (plan); 1 an error, a refusal or a missing consent.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape

from sip.apply import apply, drift
from sip.config import default_files, load
from sip.desired import Desired, desired
from sip.edge.behind import VARIABLE as BEHIND_EDGE
from sip.edge.behind import addresses, behind
from sip.edge.command import main as edge_main
from sip.errors import ConfigError, DeleteNeedsConsentError, RefusedError, SipError
from sip.existing import LiveKitSip, SipServer
from sip.mistakes import problems_as_json
from sip.report import changes_as_json, plan_as_json, show_plan

OK, FAILED, PENDING = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Wrong usage ends with 1: argparse's 2 would read as "changes pending"."""
        self.print_usage(sys.stderr)
        self.exit(FAILED, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m sip", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (
        ("plan", "show what applying the files would change in LiveKit; changes nothing"),
        ("apply", "make LiveKit hold what the files say, in place; shows the plan and carries it out"),
    ):
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("files", nargs="*", type=Path, metavar="FILE", help="trunk files; sip/*.yaml if none")
        command.add_argument("--json", action="store_true", help="print JSON instead of text")
        command.add_argument(
            "--behind-edge", metavar="ADDR", help="trunks admit the SIP edge at this address alone; see docs/edge.md"
        )
        if name == "apply":
            command.add_argument("--allow-delete", action="store_true", help="agree to the deletions of the plan")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["edge"]:
        return edge_main(given[1:])
    options = _parser().parse_args(given)
    try:
        return asyncio.run(_run(options, {**running_stack(os.environ), **os.environ}))
    except SipError as error:
        _show_error(error, options.json)
        return FAILED


def running_stack(environ: Mapping[str, str]) -> dict[str, str]:
    """What a stack that `callcenter up` has started here keeps for its owner: where its LiveKit is, and with which key.
    Empty when there is none, or when the environment names another LiveKit."""
    folder = Path(environ.get("CALLCENTER_DATA_DIR", ".data"))
    if environ.get("LIVEKIT_URL"):
        return {}
    try:
        running = json.loads((folder / "run" / "environment.json").read_text())
        secrets = json.loads((folder / "secrets.json").read_text())
    except (OSError, ValueError):
        return {}
    known = {name: running[name] for name in running if name.startswith("LIVEKIT_")}
    if running.get("CALLCENTER_SIP_EDGE") == "True":
        known[BEHIND_EDGE] = "127.0.0.1"
    return known | {"DEMO_TRUNK_PASSWORD": str(secrets.get("demo_trunk_password", ""))}


async def _run(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    edge = addresses(options.behind_edge or environ.get(BEHIND_EDGE, ""))
    wanted = behind(desired(load(tuple(options.files) or default_files(), environ)), edge)
    async with _server(environ) as server:
        if options.command == "plan":
            return await _plan(wanted, server, options.json)
        return await _apply(wanted, server, options.json, options.allow_delete)


async def _plan(wanted: Desired, server: SipServer, as_json: bool) -> int:
    found = await drift(wanted, server)
    if as_json:
        _print_json(plan_as_json(found))
    else:
        show_plan(Console(), found)
    if found.refusals:
        return FAILED
    return PENDING if found.changes else OK


async def _apply(wanted: Desired, server: SipServer, as_json: bool, allow_delete: bool) -> int:
    if not as_json:
        show_plan(Console(), await drift(wanted, server))
    applied = await apply(wanted, server, allow_delete=allow_delete)
    if as_json:
        _print_json({"plan": plan_as_json(applied.plan), "made": changes_as_json(applied.made)})
    elif applied.made:
        Console().print(f"[bold green]Applied {len(applied.made)} changes.[/]")
    return OK


def _server(environ: Mapping[str, str]) -> LiveKitSip:
    names = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise SipError(f"set {', '.join(missing)}: they say which LiveKit to change and with which key")
    return LiveKitSip(*(environ[name] for name in names))


def _show_error(error: SipError, as_json: bool) -> None:
    if as_json:
        problems = problems_as_json(error) if isinstance(error, ConfigError) else []
        refusals = list(error.reasons) if isinstance(error, RefusedError) else []
        _print_json({"error": str(error), "problems": problems, "refusals": refusals})
        return
    heading = "Not applied" if isinstance(error, RefusedError | DeleteNeedsConsentError) else "Failed"
    Console(stderr=True).print(f"[bold red]{heading}:[/] {escape(str(error))}", soft_wrap=True)


def _print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
