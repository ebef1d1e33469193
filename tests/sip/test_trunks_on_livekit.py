"""Trunks as code against a real LiveKit: idempotent, in place, settled under a race, and obeyed by livekit-sip."""

import asyncio
import json
import socket
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from livekit import api
from livekit.protocol import sip as proto

import sip
from sip.cli import main
from sip.desired import Desired

pytestmark = pytest.mark.livekit

PASSWORD = "only for this test"
DIGEST: dict[str, object] = {"digest": {"username": "tester", "password": "${TEST_TRUNK_PASSWORD}"}}
CARRIER: dict[str, object] = {
    "address": "sip.example.com",
    "transport": "tls",
    "numbers": ["+1 999 0000001"],
    "authentication": DIGEST,
    "encryption": "require",
    "codecs": ["PCMA"],
    "headers": {"X-Account": "${TEST_TRUNK_PASSWORD}"},
    "headers_to_attributes": {"X-Call": "callcenter.carrier_call"},
    "include_headers": "x",
    "from_host": "us.example.com",
    "destination_country": "DE",
    "guard": {"prefixes": ["+49"], "concurrent": 1},
}


class Stack(Protocol):
    """What these tests need of the running stack."""

    @property
    def env(self) -> Mapping[str, str]: ...


class TrunkFile:
    """A trunk file with an owner and numbers of its own, so that other trunks on the stack do not matter."""

    def __init__(self, folder: Path) -> None:
        mark = uuid.uuid4()
        self.owner = f"test-{mark.hex[:12]}"
        self.name = f"trunk-{mark.hex[:12]}"
        self.numbers = [f"+1999{mark.int % 10**7:07}{digit}" for digit in range(3)]
        self.path = folder / "trunks.yaml"
        self.write(self.numbers[:1])

    def write(
        self,
        numbers: list[str],
        outbound: Mapping[str, object] | None = None,
        inbound: Mapping[str, object] | None = None,
    ) -> None:
        trunk = {"numbers": numbers, "authentication": DIGEST, **(inbound or {})}
        content = {
            "owner": self.owner,
            "inbound": {self.name: trunk} if numbers else {},
            "outbound": {self.name: outbound} if outbound else {},
        }
        self.path.write_text(json.dumps(content))

    def wanted(self) -> Desired:
        return sip.desired(sip.load([self.path], {"TEST_TRUNK_PASSWORD": PASSWORD}))


@pytest.fixture
def file(tmp_path: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrunkFile]:
    for name in ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"):
        monkeypatch.setenv(name, stack.env[name])
    monkeypatch.setenv("TEST_TRUNK_PASSWORD", PASSWORD)
    trunks = TrunkFile(tmp_path)
    yield trunks
    trunks.write([])
    assert main(["apply", "--allow-delete", str(trunks.path)]) == 0


def server(stack: Stack) -> sip.LiveKitSip:
    return sip.LiveKitSip(*(stack.env[name] for name in ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")))


def test_apply_twice_and_the_second_has_nothing_to_do(file: TrunkFile, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(file.path)]) == 2
    assert main(["apply", str(file.path)]) == 0
    assert main(["plan", str(file.path)]) == 0
    capsys.readouterr()
    assert main(["apply", "--json", str(file.path)]) == 0
    assert json.loads(capsys.readouterr().out)["made"] == []


def test_a_changed_number_keeps_the_trunks_id(file: TrunkFile, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", str(file.path)]) == 0
    file.write(file.numbers[1:])
    capsys.readouterr()
    assert main(["apply", "--json", str(file.path)]) == 0
    made = json.loads(capsys.readouterr().out)["made"]
    assert [(change["action"], change["kind"]) for change in made] == [("update", "trunk")]
    assert PASSWORD not in json.dumps(made)


def test_deleting_needs_consent(file: TrunkFile) -> None:
    assert main(["apply", str(file.path)]) == 0
    file.write([])
    assert main(["plan", str(file.path)]) == 2
    assert main(["apply", str(file.path)]) == 1
    assert main(["apply", "--allow-delete", str(file.path)]) == 0
    assert main(["plan", str(file.path)]) == 0


async def test_a_wrong_key_is_an_error_that_says_so(file: TrunkFile, stack: Stack) -> None:
    stranger = sip.LiveKitSip(stack.env["LIVEKIT_URL"], stack.env["LIVEKIT_API_KEY"], "x" * 40)
    async with stranger as refused:
        with pytest.raises(sip.SipError, match="answered 401"):
            await sip.drift(file.wanted(), refused)


async def test_many_applies_at_once_leave_one_trunk_and_one_rule(file: TrunkFile, stack: Stack) -> None:
    async def one() -> None:
        async with server(stack) as own:
            await sip.apply(file.wanted(), own)

    await asyncio.gather(*(one() for _ in range(6)))
    async with server(stack) as livekit:
        existing = await livekit.existing()
    (trunk,) = [s for s in existing.trunks if s.trunk.marker and s.trunk.marker.owner == file.owner]
    (rule,) = [s for s in existing.rules if s.rule.marker and s.rule.marker.owner == file.owner]
    assert rule.rule.trunk_ids == (trunk.id,)
    assert trunk.trunk == file.wanted().trunks[0]
    assert replace(rule.rule, trunk_ids=()) == file.wanted().rules[0]


async def test_livekit_asks_for_the_digest_of_a_trunk_that_was_just_applied(file: TrunkFile, stack: Stack) -> None:
    async with server(stack) as livekit:
        await sip.apply(file.wanted(), livekit)
    assert await asyncio.to_thread(_final_answer, int(stack.env["CALLCENTER_SIP_PORT"]), file.numbers[0]) == 407


def test_an_outbound_trunk_is_applied_once_changed_in_place_and_deleted_with_consent(
    file: TrunkFile, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write([], CARRIER)
    assert main(["apply", "--json", str(file.path)]) == 0
    (created,) = json.loads(capsys.readouterr().out)["made"]
    assert main(["plan", str(file.path)]) == 0
    file.write([], CARRIER | {"transport": "tcp", "guard": {"prefixes": ["+49", "+43"]}})
    capsys.readouterr()
    assert main(["apply", "--json", str(file.path)]) == 0
    (updated,) = json.loads(capsys.readouterr().out)["made"]
    assert (updated["action"], updated["kind"], updated["id"]) == ("update", "outbound trunk", created["id"])
    assert [field["field"] for field in updated["fields"]] == ["transport", "guard"]
    assert PASSWORD not in json.dumps([created, updated])
    file.write([])
    assert main(["apply", str(file.path)]) == 1
    assert main(["apply", "--allow-delete", str(file.path)]) == 0


async def test_the_product_reads_the_guard_from_livekit(file: TrunkFile, stack: Stack) -> None:
    file.write([], CARRIER)
    async with server(stack) as livekit:
        await sip.apply(file.wanted(), livekit)
    async with livekit_api(stack) as livekit_itself:
        trunks = await livekit_itself.sip.list_outbound_trunk(proto.ListSIPOutboundTrunkRequest())
    (guard,) = [sip.read_guard(trunk.metadata) for trunk in trunks.items if trunk.name == file.name]
    assert guard == sip.Guard(prefixes=("+49",), concurrent=1)


async def test_livekit_sip_dials_an_outbound_trunk_as_the_file_says(file: TrunkFile, stack: Stack) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier:
        carrier.bind(("127.0.0.1", 0))
        carrier.settimeout(10)
        here: dict[str, object] = {"address": f"127.0.0.1:{carrier.getsockname()[1]}", "transport": "udp"}
        file.write([], CARRIER | here)
        async with server(stack) as livekit:
            await sip.apply(file.wanted(), livekit)
            (trunk,) = [s for s in (await livekit.existing()).outbound if s.trunk.name == file.name]
        call = proto.CreateSIPParticipantRequest(
            sip_trunk_id=trunk.id, sip_call_to="+4930123", room_name=f"other-{file.name}", participant_identity="called"
        )
        async with livekit_api(stack) as livekit_itself:
            await livekit_itself.sip.create_sip_participant(call)
        invite = (await asyncio.to_thread(_refuse_the_call, carrier)).decode()
    request, _, offer = invite.partition("\r\n\r\n")
    assert request.startswith("INVITE sip:+4930123@127.0.0.1")
    assert "<sip:+19990000001@us.example.com" in request
    assert f"X-Account: {PASSWORD}" in request
    assert "RTP/SAVP" in offer
    assert "a=crypto:" in offer
    assert ("PCMA" in offer, "PCMU" in offer, "telephone-event" in offer) == (True, False, True)


async def test_a_trunk_that_requires_srtp_refuses_plain_media_and_takes_it_once_it_may(
    file: TrunkFile, stack: Stack
) -> None:
    port = int(stack.env["CALLCENTER_SIP_PORT"])
    here = {"authentication": {"addresses": ["127.0.0.1"]}, "room_prefix": "other", "ringing_timeout_seconds": 5}
    answers = []
    for encryption in ("require", "allow"):
        file.write(file.numbers[:1], inbound={"encryption": encryption, **here})
        async with server(stack) as livekit:
            await sip.apply(file.wanted(), livekit)
        answers.append(await asyncio.to_thread(_final_answer, port, file.numbers[0], PLAIN_MEDIA))
    assert answers == [400, 486]  # 486: it rang for its five seconds


PLAIN_MEDIA = """\
v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40000 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv
"""


def livekit_api(stack: Stack) -> api.LiveKitAPI:
    return api.LiveKitAPI(*(stack.env[name] for name in ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")))


def _refuse_the_call(carrier: socket.socket) -> bytes:
    """Take the first INVITE, answer 486 and wait for the ACK, so that livekit-sip repeats nothing."""
    invite, source = carrier.recvfrom(65535)
    kept = [line for line in invite.decode().split("\r\n") if line.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))]
    (to,) = [line for line in invite.decode().split("\r\n") if line.startswith("To:")]
    lines = ["SIP/2.0 486 Busy Here", *kept, f"{to};tag=busy", "Content-Length: 0"]
    carrier.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), source)
    while not carrier.recv(65535).startswith(b"ACK"):
        pass
    return invite


def _final_answer(port: int, to: str, offer: str = "") -> int:
    """The status of the first final response to an INVITE without credentials."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(20)
        phone.connect(("127.0.0.1", port))
        own = f"127.0.0.1:{phone.getsockname()[1]}"
        mark = uuid.uuid4().hex
        body = offer.replace("\n", "\r\n")
        lines = [
            f"INVITE sip:{to}@127.0.0.1:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{mark};rport",
            "Max-Forwards: 70",
            f"From: <sip:+15557777@127.0.0.1>;tag={mark[:8]}",
            f"To: <sip:{to}@127.0.0.1>",
            f"Call-ID: {mark}",
            "CSeq: 1 INVITE",
        ]
        typed = ["Content-Type: application/sdp"] if offer else []
        contact = [f"Contact: <sip:caller@{own}>", *typed, f"Content-Length: {len(body)}"]
        phone.send(("\r\n".join([*lines, *contact]) + "\r\n\r\n" + body).encode())
        while True:
            status = int(phone.recv(65535).split(b" ", 2)[1])
            if status >= 300:
                return status
