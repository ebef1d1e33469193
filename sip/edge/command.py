"""`python -m sip edge`: write the edge's configuration, and take nodes out of and back into service.

  python -m sip edge [FILE …] --out DIR --listen ADDR:PORT --node ADDR:PORT …   write what Kamailio reads into DIR
  python -m sip edge drain NODE --out DIR    no new call goes to NODE (ADDR:PORT); its calls go on
  python -m sip edge resume NODE --out DIR   it takes calls again
  python -m sip edge nodes --out DIR         every node and its state, as the running edge sees it

Then: kamailio -f DIR/kamailio.cfg -DD -E
"""

import argparse
import json
import os
import pwd
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from sip.config import default_files
from sip.edge.admission import admission, read
from sip.edge.files import mark, secret_of, write
from sip.edge.model import Address, Edge, Limits
from sip.edge.rpc import NotRunningError, nodes, set_drained
from sip.errors import SipError

OK, FAILED = 0, 1
VERBS = ("drain", "resume", "nodes")
INSIDE_PORT = 5059


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(FAILED, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str]) -> int:
    """Run what follows `python -m sip edge` and return its exit code: 0 done, 1 an error."""
    try:
        if arguments and arguments[0] in VERBS:
            return _operate(_verb_parser(arguments[0]).parse_args(arguments[1:]), arguments[0])
        return _write(_write_parser().parse_args(arguments))
    except SipError as error:
        print(f"Failed: {error}", file=sys.stderr)
        return FAILED


def _write_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m sip edge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="trunk files; sip/*.yaml if none")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the edge's folder")
    parser.add_argument("--listen", required=True, metavar="ADDR:PORT", help="where carriers reach it, UDP and TCP")
    parser.add_argument("--advertise", default="", metavar="HOST:PORT", help="its public address, if --listen is not")
    parser.add_argument(
        "--inside", metavar="ADDR:PORT", help=f"where the nodes reach it; port {INSIDE_PORT} of --listen by default"
    )
    parser.add_argument("--node", action="append", default=[], metavar="ADDR:PORT", help="a livekit-sip; repeatable")
    parser.add_argument("--state-url", default="", metavar="URL", help="GET /edge/state of the API; empty: never full")
    parser.add_argument("--ban-seconds", type=int, default=Limits.ban_seconds, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, help="processes per socket; default: %(default)s")
    parser.add_argument("--owner", default="", metavar="USER", help="the account that Kamailio runs as (as root only)")
    return parser


def _verb_parser(verb: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"python -m sip edge {verb}")
    if verb != "nodes":
        parser.add_argument("node", metavar="NODE", help="ADDR:PORT of a livekit-sip")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the edge's folder")
    return parser


def _write(options: argparse.Namespace) -> int:
    folder: Path = options.out.absolute()
    outside = Address.parse(options.listen, "--listen")
    inside = options.inside or f"{outside.host}:{INSIDE_PORT}"
    edge = Edge(
        admission(read(tuple(options.files) or default_files())),
        outside,
        Address.parse(inside, "--inside"),
        tuple(Address.parse(node, "--node") for node in options.node),
        folder,
        secret_of(folder),
        advertised=options.advertise,
        state_url=options.state_url,
        workers=options.workers,
        limits=Limits(ban_seconds=options.ban_seconds),
    )
    print(write(edge, owner=_owner(options.owner)))
    return OK


def _owner(name: str) -> tuple[int, int] | None:
    if not name or os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise SipError(f"--owner {name!r}: there is no such account here") from None
    return entry.pw_uid, entry.pw_gid


def _operate(options: argparse.Namespace, verb: str) -> int:
    folder: Path = options.out.absolute()
    if verb == "nodes":
        print(json.dumps({"nodes": nodes(folder)}, indent=2))
        return OK
    node = Address.parse(options.node, "NODE")
    mark(folder, node, drained=verb == "drain")
    try:
        set_drained(folder, node, verb == "drain")
    except NotRunningError:
        print(f"{node} is marked; the edge is not running", file=sys.stderr)
        return OK
    print(f"{node}: {'no new calls' if verb == 'drain' else 'in service'}")
    return OK
