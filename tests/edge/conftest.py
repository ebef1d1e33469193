"""One stack with the edge in front of two livekit-sip, shared by the tests of this folder."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from callcenter.platform.embedded.child import bound_to_parent
from callcenter.platform.embedded.edge import SEEN_AS, edge_account
from callcenter.platform.embedded.folder import read_json
from callcenter.platform.embedded.livekit import engine_binary
from callcenter.platform.embedded.ports import free_port
from sip.edge import Address, Edge, Limits, admission, write
from sip.edge.admission import read
from sip.edge.files import secret_of
from sip.edge.rpc import nodes
from sip.errors import SipError
from tests.edge.ground import LOOPBACK, TRUNKS, LiveEdge, planned, running
from tests.edge.node import Node
from tests.journeys.caller import Callers
from tests.stack import RTP_RANGE, Stack, free_rtp_range

READY_SECONDS = 20.0
LENIENT = Limits(stranger_messages=10_000, stranger_mistakes=10_000, guesses=10_000, carrier_messages=100_000)


@dataclass(frozen=True)
class Guarded:
    """`own` is the stack's livekit-sip, `other` the second one; both are nodes of the edge."""

    stack: Stack
    folder: Path
    own: Address
    other: Address
    other_process: "subprocess.Popen[bytes]"
    key: str

    def log_of(self, node: Address) -> str:
        """What this livekit-sip has logged so far."""
        name = "livekit-sip.log" if node == self.own else "second-sip.log"
        return (self.stack.data_dir / "logs" / name).read_text(errors="replace")


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[LiveEdge, Node]]:
    """One lenient edge with a recorder behind it, for what leaves no trace in either."""
    planned_edge = planned(tmp_path_factory.mktemp("shared") / "edge", 1, LENIENT)
    async with running(planned_edge) as live, Node(live.edge.nodes[0]) as node:
        yield live, node


@pytest.fixture
def edge(shared: tuple[LiveEdge, Node]) -> LiveEdge:
    return shared[0]


@pytest.fixture
def first(shared: tuple[LiveEdge, Node]) -> Node:
    node = shared[1]
    node.arrived.clear()
    node.answers = 486
    return node


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[LiveEdge]:
    """An edge of one test alone, with room for two nodes."""
    async with running(planned(tmp_path / "edge", 2, LENIENT)) as live:
        yield live


@pytest.fixture(scope="package")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The stack as `up` starts it; then the edge gets the tests' trunks, to which other loopback addresses are
    strangers, and a second node."""
    stack = Stack.planned(tmp_path_factory.mktemp("edge") / "data", CALLCENTER_SIP_EDGE="1", CALLCENTER_AGENT_SEATS="6")
    second: subprocess.Popen[bytes] | None = None
    try:
        stack.up()
        ports = read_json(stack.data_dir / "ports.json")
        own = Address(LOOPBACK, ports["sip_node"])
        other = Address(LOOPBACK, free_port(socket.SOCK_DGRAM, socket.SOCK_STREAM))
        second = _second_node(stack, other)
        folder = stack.data_dir / "config" / "edge"
        _change_edge(stack, folder, Address(LOOPBACK, ports["sip_inside"]), (own, other))
        _wait_for_nodes(folder)
        yield Guarded(stack, folder, own, other, second, stack.key("admin"))
    finally:
        if second is not None:
            second.send_signal(signal.SIGINT)
            second.wait(timeout=10)
        stack.down()


@pytest.fixture
async def callers(guarded: Guarded, tmp_path: Path) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {guarded.key}"}
    async with httpx.AsyncClient(base_url=guarded.stack.url, headers=headers, timeout=10) as api:
        yield Callers(guarded.stack, api, tmp_path)


def _second_node(stack: Stack, address: Address) -> "subprocess.Popen[bytes]":
    first = free_rtp_range()
    config = yaml.safe_load((stack.data_dir / "config" / "sip.yaml").read_text())
    config |= {"sip_port": address.port, "rtp_port": f"{first}-{first + RTP_RANGE - 1}"}
    path = stack.data_dir / "config" / "second-sip.yaml"
    path.write_text(yaml.safe_dump(config))
    with (stack.data_dir / "logs" / "second-sip.log").open("wb") as log:
        command = bound_to_parent((engine_binary("livekit-sip"), "--config", str(path)))
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def _change_edge(stack: Stack, folder: Path, inside: Address, both: tuple[Address, Address]) -> None:
    """Write the configuration anew and have the supervisor start Kamailio again."""
    account = edge_account()
    edge = Edge(
        admission(read([TRUNKS])),
        Address(*stack.sip),
        inside,
        both,
        SEEN_AS if account else folder,
        secret_of(folder),
        state_url=f"{stack.url}/edge/state",
    )
    write(edge, folder, (account.uid, account.gid) if account else None)
    os.kill(int(stack.part("sip-edge")["pid"]), signal.SIGTERM)


def _wait_for_nodes(folder: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            found = nodes(folder)
        except SipError as error:
            found = [{"state": str(error)}]
        if [one["state"] for one in found] == ["active", "active"]:
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


async def edge_nodes(folder: Path) -> dict[str, str]:
    """The state of every node, as the edge sees it."""
    return {one["node"]: one["state"] for one in await asyncio.to_thread(nodes, folder)}
