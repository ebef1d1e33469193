"""The edge by itself, a recorder behind it: what passes and what does not."""

import asyncio
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.platform.embedded.edge import PLACES
from callcenter.platform.embedded.phone import Phone
from sip.edge import Limits
from sip.edge.files import write
from tests.edge.asking import QUIET, STRANGER, ask, final, until, until_async
from tests.edge.ground import LOOPBACK, LiveEdge, options, planned, running
from tests.edge.messages import SDP, invite, request
from tests.edge.mutations import is_sound, mutations
from tests.edge.node import Node
from tests.edge.torture import TAKEN, Torture, malformed, sound

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(60)]

KNOWN = "127.0.0.10"


def test_kamailio_accepts_the_configuration(tmp_path: Path) -> None:
    path = write(replace(planned(tmp_path / "edge", 2), state_url="http://127.0.0.1:8000/edge/state"))
    program = shutil.which("kamailio", path=PLACES)
    assert program, "kamailio is not installed"
    done = subprocess.run([program, "-c", "-f", str(path)], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr


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


async def test_an_answer_to_nothing_is_sent_to_nobody(edge: LiveEdge, first: Node) -> None:
    ways = (
        f"Via: SIP/2.0/UDP {edge.edge.outside};branch=z9hG4bKa\r\nVia: SIP/2.0/UDP {first.address};branch=z9hG4bKb\r\n"
    )
    rest = "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    for source in (LOOPBACK, STRANGER):
        await ask(edge, f"SIP/2.0 200 OK\r\n{ways}{rest}".encode(), source, QUIET)
    assert await ask(edge, invite()) == TAKEN
    assert await until(lambda: bool(first.invites), 3)
    assert not any(data.startswith(b"SIP/2.0") and b"Call-ID: x" in data for _, data in first.arrived)


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
