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

import sip
from sip.cli import main
from sip.desired import Desired

pytestmark = pytest.mark.livekit

PASSWORD = "only for this test"


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

    def write(self, numbers: list[str]) -> None:
        trunk = {
            "numbers": numbers,
            "authentication": {"digest": {"username": "tester", "password": "${TEST_TRUNK_PASSWORD}"}},
        }
        self.path.write_text(json.dumps({"owner": self.owner, "inbound": {self.name: trunk} if numbers else {}}))

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


def _final_answer(port: int, to: str) -> int:
    """The status of the first final response to an INVITE without credentials."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(10)
        phone.connect(("127.0.0.1", port))
        own = f"127.0.0.1:{phone.getsockname()[1]}"
        mark = uuid.uuid4().hex
        lines = [
            f"INVITE sip:{to}@127.0.0.1:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{mark};rport",
            "Max-Forwards: 70",
            f"From: <sip:+15557777@127.0.0.1>;tag={mark[:8]}",
            f"To: <sip:{to}@127.0.0.1>",
            f"Call-ID: {mark}",
            "CSeq: 1 INVITE",
            f"Contact: <sip:caller@{own}>",
            "Content-Length: 0",
        ]
        phone.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        while True:
            status = int(phone.recv(65535).split(b" ", 2)[1])
            if status >= 300:
                return status
