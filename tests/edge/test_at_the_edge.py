"""The edge by itself, telephones and recorders behind it: what passes, what does not, and where it goes."""

import asyncio
import shutil
import statistics
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.platform.embedded.edge import PLACES
from callcenter.platform.embedded.phone import Phone
from callcenter.platform.embedded.phone.errors import CallRefused
from sip.edge import Limits
from sip.edge.command import main as edge_command
from sip.edge.files import write
from sip.edge.rpc import nodes
from tests.edge.ground import LOOPBACK, LiveEdge, answer_to, options, planned, running
from tests.edge.messages import SDP, invite, request, status
from tests.edge.mutations import is_sound, mutations
from tests.edge.node import Node, call_id_of
from tests.edge.torture import TAKEN, Torture, malformed, sound

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(60)]

STRANGER = "127.0.0.7"
KNOWN = "127.0.0.10"
QUIET = 0.15  # seconds in which an answer on this machine would have come
NOTICED = 6.0  # seconds after which a node that has died or come back is known to have
LENIENT = Limits(stranger_messages=10_000, stranger_mistakes=10_000, guesses=10_000, carrier_messages=100_000)


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


async def ask(edge: LiveEdge, message: bytes, source: str = LOOPBACK, seconds: float = 3.0) -> int | None:
    """The status of the first answer; 100 once the edge has taken it."""
    return status(await answer_to(edge.edge.outside, message, seconds, source))


def test_kamailio_accepts_the_configuration(tmp_path: Path) -> None:
    path = write(replace(planned(tmp_path / "edge", 2), state_url="http://127.0.0.1:8000/edge/state"))
    program = shutil.which("kamailio", path=PLACES)
    assert program, "kamailio is not installed"
    done = subprocess.run([program, "-c", "-f", str(path)], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("who", ["caller", "node"])
async def test_a_call_passes_and_either_side_hangs_up(pair: LiveEdge, transport: str, who: str) -> None:
    place = pair.edge.nodes[0]
    inside = (pair.edge.inside.host, pair.edge.inside.port)
    async with (
        Phone(server=inside, local=(place.host, place.port)) as node,
        Phone(server=pair.sip, transport=transport) as phone,
    ):
        arriving = node.listen()
        call = await phone.invite("+15550100")
        incoming = await asyncio.wait_for(anext(arriving), 5)
        assert [incoming.callee, incoming.caller] == ["+15550100", "+15551230001"]
        incoming.ring()
        await call.ringing()
        await incoming.answer()
        await call.answered(5)
        if who == "caller":
            await call.hang_up()
            assert (await incoming.ended(timeout=5)).by == "remote"
        else:
            await incoming.hang_up()
            assert (await call.ended(timeout=5)).by == "remote"


@pytest.mark.parametrize("who", ["node", "carrier"])
async def test_a_call_that_a_node_makes_passes_and_either_side_hangs_up(pair: LiveEdge, who: str) -> None:
    place, inside = pair.edge.nodes[0], pair.edge.inside
    async with (
        Phone(server=(inside.host, inside.port), local=(place.host, place.port)) as node,
        Phone(server=pair.sip) as carrier,
    ):
        arriving = carrier.listen()
        to = f"sip:+15557654321@{carrier.address[0]}:{carrier.address[1]}"
        call = await node.invite(to, headers={"Route": f"<sip:{inside};lr>"})
        incoming = await asyncio.wait_for(anext(arriving), 5)
        await incoming.answer()
        await call.answered(5)
        ends, waits = (call, incoming) if who == "node" else (incoming, call)
        await ends.hang_up()
        assert (await waits.ended(timeout=5)).by == "remote"


async def test_a_call_that_is_given_up_is_cancelled_at_the_node(pair: LiveEdge) -> None:
    place = pair.edge.nodes[0]
    async with Phone(local=(place.host, place.port)) as node, Phone(server=pair.sip) as phone:
        arriving = node.listen()
        call = await phone.invite("+15550100")
        incoming = await asyncio.wait_for(anext(arriving), 5)
        incoming.ring()
        await call.ringing()
        await call.cancel()
        assert (await incoming.ended(timeout=5)).status == 487


async def test_a_stranger_gets_no_answer_and_reaches_nobody(edge: LiveEdge, first: Node) -> None:
    for message in (
        invite(source=STRANGER),
        invite("+15550120", source=STRANGER),
        options(edge.edge.outside, STRANGER),
        request("REGISTER", source=STRANGER),
        request("BYE", source=STRANGER, to="<sip:a@b>;tag=1"),
        *(torture.message for torture in malformed()[:8]),
    ):
        assert await ask(edge, message, STRANGER, QUIET) is None, message
    assert first.requests == []


async def test_a_stranger_may_call_the_numbers_of_a_digest_trunk_and_is_asked_for_a_password(
    edge: LiveEdge, first: Node
) -> None:
    first.answers = 407
    assert await ask(edge, invite("+15550110", source=STRANGER), STRANGER) == TAKEN
    assert await until(lambda: len(first.invites) == 1, 3)


async def test_a_carrier_may_call_its_own_trunks_numbers_only(edge: LiveEdge, first: Node) -> None:
    assert await ask(edge, invite("+15550120")) == 403, "of another trunk"
    assert await ask(edge, invite("(555)012-0")) == TAKEN, "no trunk's: the catch-all's"
    for spelt in ("15550120", "+1-555-0120", "1(555)0120"):
        assert await ask(edge, invite(spelt)) == 403, spelt
    assert await ask(edge, invite("+15550120", source="127.0.0.9"), "127.0.0.9") == TAKEN
    assert await ask(edge, invite("+15550100", source="127.0.0.9"), "127.0.0.9") == 403
    to_another = invite("+15550100", to="<sip:+15550120@127.0.0.1>")
    assert await ask(edge, to_another) == 403, "livekit-sip reads the number from To"
    assert await until(lambda: len(first.invites) == 2, 3)


@pytest.mark.parametrize("torture", sound(), ids=lambda t: t.name)
async def test_what_is_hard_to_read_but_right_passes(edge: LiveEdge, first: Node, torture: Torture) -> None:
    assert await ask(edge, torture.message) in torture.expected
    if TAKEN in torture.expected:
        assert await until(lambda: bool(first.invites), 3)


async def test_what_is_malformed_reaches_no_node_and_harms_nobody(edge: LiveEdge, first: Node) -> None:
    for torture in malformed():
        got = await ask(edge, torture.message, seconds=QUIET)
        assert got in torture.expected, torture.name
        assert TAKEN in torture.expected or not first.requests, f"{torture.name} has passed"
    assert await ask(edge, invite()) == TAKEN
    assert edge.process.returncode is None


async def test_no_deadly_description_reaches_a_node(edge: LiveEdge, first: Node) -> None:
    refused = 0
    for body in mutations(250):
        got = await ask(edge, invite(body=body))
        assert got in (TAKEN, 488, 400), body
        refused += got != TAKEN
    assert refused >= 100
    for arrived in first.invites:
        body = arrived.partition(b"\r\n\r\n")[2].decode("utf-8", errors="replace")
        assert is_sound(body), body
    assert await ask(edge, invite()) == TAKEN


async def test_a_deadly_description_within_a_call_does_not_reach_the_node_either(pair: LiveEdge) -> None:
    place = pair.edge.nodes[0]
    seen: list[bytes] = []
    async with (
        Phone(local=(place.host, place.port), trace=lambda _, data: seen.append(data)) as node,
        Phone(server=pair.sip, trace=lambda _, data: seen.append(data)) as phone,
    ):
        arriving = node.listen()
        call = await phone.invite("+15550100")
        incoming = await asyncio.wait_for(anext(arriving), 5)
        await incoming.answer()
        await call.answered(5)
        ack = next(data for data in seen if data.startswith(b"ACK "))
        head = ack.partition(b"\r\n\r\n")[0].decode().replace("ACK", "INVITE").replace("CSeq: 1", "CSeq: 2")
        head = head.replace("branch=z9hG4bK", "branch=z9hG4bKagain")
        deadly = SDP.replace("0 8 101", "0 255")
        again = f"{head.replace('Content-Length: 0', '')}Content-Type: application/sdp\r\nContent-Length: {len(deadly)}"
        assert await ask(pair, f"{again}\r\n\r\n{deadly}".encode()) == 488
        elsewhere = ack.replace(b"ACK", b"BYE").replace(b";sl=", b";sl=0")
        assert await ask(pair, elsewhere) == 481, "a way into a call is sealed"
        assert not any(b"RTP/AVP 0 255" in data for data in seen if b"Record-Route" in data)
        await call.hang_up()
        await incoming.ended(timeout=5)


async def test_whoever_sends_too_much_is_banned_for_a_while_and_carriers_never_are(tmp_path: Path) -> None:
    limits = Limits(ban_seconds=3, carrier_messages=100)
    async with running(planned(tmp_path / "edge", 1, limits)) as edge, Node(edge.edge.nodes[0]) as node:
        for _ in range(limits.stranger_messages + 5):
            await ask(edge, invite("+15550110", source=STRANGER), STRANGER, 0.02)
        arrived = len(node.invites)
        assert arrived <= limits.stranger_messages
        assert await ask(edge, invite("+15550110", source=STRANGER), STRANGER, 0.3) is None, "banned"
        assert len(node.invites) == arrived
        node.answers = 200
        assert await final(edge, invite("+15550110", source=KNOWN), KNOWN) == 200
        for _ in range(limits.stranger_messages + 5):
            await ask(edge, invite("+15550110", source=KNOWN), KNOWN, 0.001)
        assert await ask(edge, invite("+15550110", source=KNOWN), KNOWN) == TAKEN, "its password was right"
        for _ in range(limits.carrier_messages + 50):
            await ask(edge, options(edge.edge.outside), seconds=0.001)
        assert await until_async(lambda: ask(edge, invite(), seconds=0.3), TAKEN, limits.window_seconds + 3)
        again = await until_async(
            lambda: ask(edge, invite("+15550110", source=STRANGER), STRANGER, 0.3), TAKEN, limits.ban_seconds + 4
        )
        assert again, "a ban ends"


async def test_whoever_guesses_passwords_is_banned(tmp_path: Path) -> None:
    async with (
        running(planned(tmp_path / "edge", 1, Limits(guesses=3))) as edge,
        Node(edge.edge.nodes[0], answers=401) as node,
    ):
        for _ in range(4):
            assert await final(edge, invite("+15550110", source=STRANGER), STRANGER) == 401
        assert await ask(edge, invite("+15550110", source=STRANGER), STRANGER, QUIET) is None
        assert len(node.invites) == 4


async def test_a_scanner_that_says_so_is_banned_at_its_first_word(edge: LiveEdge, first: Node) -> None:
    source = "127.0.0.8"
    scanner = request("OPTIONS", source=source, extra="User-Agent: friendly-scanner\r\n")
    assert await ask(edge, scanner, source, QUIET) is None
    assert await ask(edge, invite("+15550110", source=source), source, QUIET) is None
    assert first.requests == []


async def test_a_full_house_answers_503_with_a_time_and_a_silent_api_turns_nobody_away(tmp_path: Path) -> None:
    admit = True

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"admit":%s,"seats":4,"calls":4}' % (b"true" if admit else b"false")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, 0)
    url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/edge/state"
    async with running(planned(tmp_path / "edge", 1, state_url=url)) as edge, Node(edge.edge.nodes[0]) as node:
        assert await ask(edge, invite()) == TAKEN
        admit = False
        assert await until_async(lambda: ask(edge, invite()), 503, 5)
        full = await answer_to(edge.edge.outside, invite(), 3)
        assert full is not None
        assert b"\r\nRetry-After: 10\r\n" in full
        arrived = len(node.invites)
        server.close()
        await server.wait_closed()
        assert await until_async(lambda: ask(edge, invite()), TAKEN, 10), "the API is away"
        assert len(node.invites) == arrived + 1


async def test_a_call_goes_to_the_next_node_when_one_refuses_it_or_is_dead(pair: LiveEdge) -> None:
    async with Node(pair.edge.nodes[0]) as willing:
        async with Node(pair.edge.nodes[1], answers=503) as refusing:
            for _ in range(12):
                assert await final(pair, invite()) == 486, "the other node's answer"
            assert len(willing.invites) == 12
            assert refusing.invites, "it was not asked"
        for _ in range(2):
            assert await final(pair, invite()) == 486, "one of both is dead"
        assert await until(lambda: states(pair)[1] == "silent", NOTICED)
        before = time.monotonic()
        assert await final(pair, invite()) == 486
        assert time.monotonic() - before < 1.0, "the dead one is not asked any more"


async def test_without_any_node_callers_and_carriers_are_told_503(pair: LiveEdge) -> None:
    assert await until_async(lambda: ask(pair, options(pair.edge.outside)), 503, NOTICED)
    assert await final(pair, invite()) == 503
    async with Node(pair.edge.nodes[0]):
        assert await until_async(lambda: ask(pair, options(pair.edge.outside)), 200, NOTICED)


async def test_a_drained_node_gets_no_new_call_and_keeps_its_own(pair: LiveEdge) -> None:
    place, folder = pair.edge.nodes[0], str(pair.edge.folder)
    async with (
        Node(pair.edge.nodes[1], answers=503) as second,
        Phone(local=(place.host, place.port)) as node,
        Phone(server=pair.sip) as phone,
    ):
        arriving = node.listen()
        call = await phone.invite("+15550100")
        incoming = await asyncio.wait_for(anext(arriving), 5)
        await incoming.answer()
        await call.answered(5)
        second.answers = 486
        second.arrived.clear()
        assert await asyncio.to_thread(edge_command, ["drain", str(place), "--out", folder]) == 0
        for _ in range(10):
            with pytest.raises(CallRefused, match="486"):
                await (await phone.invite("+15550100")).answered(5)
        assert len(second.invites) == 10
        await incoming.hang_up()
        assert (await call.ended(timeout=5)).by == "remote"
        assert await asyncio.to_thread(edge_command, ["resume", str(place), "--out", folder]) == 0
        assert states(pair)[0] == "active"


async def test_the_edge_adds_less_than_5_ms(edge: LiveEdge, first: Node) -> None:
    """Against the same message sent to the node itself, one after the other. What else runs on this machine can only
    add to it, so the quietest of three rounds counts."""
    rounds = [await added_ms(edge, first, 70) for _ in range(3)]
    for middle, late in rounds:
        print(f"INVITE to node: the edge adds {middle:.2f} ms (median), {late:.2f} ms (95 %), n=70")
    assert min(rounds)[0] < 5.0


async def added_ms(edge: LiveEdge, node: Node, count: int) -> tuple[float, float]:
    """Median and 95 % of what the way through the edge takes longer than the way past it, milliseconds."""
    through: list[float] = []
    past: list[float] = []
    for _ in range(count):
        for to, times in ((edge.edge.outside, through), (node.address, past)):
            message = invite()
            before = time.monotonic()
            await answer_to(to, message, 3)
            times.append((await arrival(node, message) - before) * 1000)
    late = statistics.quantiles(through, n=20)[-1] - statistics.quantiles(past, n=20)[-1]
    return statistics.median(through) - statistics.median(past), late


async def arrival(node: Node, message: bytes) -> float:
    """The instant at which this call reached the node."""
    mine = call_id_of(message)

    def found() -> list[float]:
        return [at for at, data in node.arrived if call_id_of(data) == mine]

    assert await until(lambda: bool(found()), 3)
    return found()[0]


def states(edge: LiveEdge) -> list[str]:
    """Of the nodes, in the edge's order."""
    found = {one["node"]: one["state"] for one in nodes(edge.edge.folder)}
    return [found[str(node)] for node in edge.edge.nodes]


async def final(edge: LiveEdge, message: bytes, source: str = LOOPBACK) -> int:
    """The final status of a call, acknowledged by nobody: the edge gives up repeating it."""
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[int] = asyncio.Queue()

    class Caller(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            got.put_nowait(status(data) or 0)

    transport, _ = await loop.create_datagram_endpoint(Caller, local_addr=(source, 0), remote_addr=edge.sip)
    try:
        transport.sendto(message)
        async with asyncio.timeout(10):
            while (code := await got.get()) < 200:
                pass
        return code
    finally:
        transport.close()


async def until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether this becomes true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.002)
    return True


async def until_async(look: Callable[[], Awaitable[object]], wanted: int, seconds: float) -> bool:
    """Whether the answer becomes this one in time."""
    deadline = time.monotonic() + seconds
    while await look() != wanted:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.1)
    return True
