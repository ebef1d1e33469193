"""Questions and orders to a running edge: JSON-RPC over the datagram socket in its folder (Kamailio's jsonrpcs)."""

import json
import secrets
import socket
from pathlib import Path
from typing import Any

from sip.edge.kamailio import NODES, RPC_SOCKET
from sip.edge.model import Address
from sip.errors import SipError

ANSWER_SECONDS = 2.0
ANSWER_BYTES = 65_536


class NotRunningError(SipError):
    """No edge runs on this folder."""


def ask(folder: Path, method: str, *parameters: object) -> Any:
    """The `result` of one method. Raises NotRunningError, and SipError with what the edge says is wrong."""
    request = json.dumps({"jsonrpc": "2.0", "method": method, "params": list(parameters), "id": 1}).encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            # A name without a file (unix(7), abstract): the edge's account need not be able to reach our folders.
            client.bind(f"\0callcenter-edge-{secrets.token_hex(8)}")
            client.connect(str(folder / RPC_SOCKET))
            client.send(request)
            answer = json.loads(client.recv(ANSWER_BYTES))
        except TimeoutError:
            raise SipError(f"the edge on {folder} does not answer within {ANSWER_SECONDS:g} s") from None
        except OSError as error:
            raise NotRunningError(f"no edge runs on {folder}: {error.strerror or error}") from error
        except ValueError as error:
            raise SipError(f"the edge on {folder} answers what is not JSON") from error
    if "error" in answer:
        raise SipError(f"the edge on {folder} refuses {method}: {answer['error'].get('message', answer['error'])}")
    return answer.get("result")


def set_drained(folder: Path, node: Address, drained: bool) -> None:
    """Keep new calls from a node, or let them come again. Calls in progress are not touched."""
    ask(folder, "dispatcher.set_state", "d" if drained else "a", NODES, f"sip:{node}")


def nodes(folder: Path) -> list[dict[str, str]]:
    """Every node with its state: `active`, `silent` (does not answer), or `drained`."""
    found = ask(folder, "dispatcher.list")
    listed = [target["DEST"] for record in found.get("RECORDS", []) for target in record["SET"].get("TARGETS", [])]
    return [{"node": one["URI"].removeprefix("sip:"), "state": _state(one["FLAGS"])} for one in listed]


def _state(flags: str) -> str:
    """Kamailio's first letter is A(ctive), I(nactive), T(rying) or D(isabled)."""
    if flags.startswith("D"):
        return "drained"
    return "active" if flags[0] in "AT" else "silent"
