"""`callcenter demo-call`: a scripted phone rings the demo company once; the transcript is printed as it is stored."""

import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from callcenter.platform.embedded.phone import CallOver, CallRefused, NoResponse, Phone, PhoneError
from callcenter.platform.embedded.phone.outgoing import OutgoingCall
from callcenter.platform.embedded.stack import api_url
from callcenter.platform.entrypoints import key
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users.model import Role

NUMBER = "+15550100"
CALLER = "+15551230001"
SAYS = ("where is my order four seven one one", "thank you goodbye")
VOICE = "slt"
SIP_RATE = 8000
ANSWER_SECONDS = 25
REPLY_SECONDS = 20
PAUSE_SECONDS = 1.0
GOODBYE_SECONDS = 12
STORED_SECONDS = 10
POLL_SECONDS = 0.2


class DemoFailed(Exception):
    """The demo call did not come to its end."""


def run(settings: Settings) -> int:
    """Ring, talk, hang up. 0 when the call is stored with what both sides said, 1 with the reason otherwise."""
    try:
        with key.lent(settings, Role.VIEWER) as secret:
            asyncio.run(_demonstrate(settings, secret))
    except (DemoFailed, PhoneError, TimeoutError, httpx.HTTPError, OSError) as error:
        sys.stderr.write(f"\nThe demo call failed: {_reason(error)}\n")
        return 1
    return 0


async def _demonstrate(settings: Settings, secret: str) -> None:
    speeches = [synthesise(text) for text in SAYS]
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=api_url(settings), headers=headers, timeout=5, trust_env=False) as client:
        _say(f"\nRinging {NUMBER} from a scripted phone …")
        async with Phone(server=("127.0.0.1", settings.sip_port)) as phone:
            call = await phone.invite(to=NUMBER, from_=CALLER)
            rung = time.monotonic()
            watch = asyncio.create_task(_Transcript(client, call.call_id).follow())
            try:
                answered = await call.answered(timeout=ANSWER_SECONDS)
                _say(f"Answered after {answered - rung:.1f} s. The transcript, as it is stored:\n")
                cut_off = await _cut_off(call, speeches)
                async with asyncio.timeout(STORED_SECONDS):
                    stored = await watch
            finally:
                watch.cancel()
    if cut_off or stored.silent:
        lacks = f"without a word of the {' and the '.join(stored.silent)}" if stored.silent else "in mid-conversation"
        page = f"{api_url(settings)}/calls/{stored.call_id}"
        raise DemoFailed(f"it ended {lacks}. Do the rules lead it elsewhere? Its page says what decided: {page}")


async def _cut_off(call: OutgoingCall, speeches: list[NDArray[np.int16]]) -> bool:
    """Converse; whether the other side hung up in the middle of it."""
    try:
        await _converse(call, speeches)
    except CallOver:
        return True
    return False


async def _converse(call: OutgoingCall, speeches: list[NDArray[np.int16]]) -> None:
    """Listen to the greeting, then say each sentence and listen to what it is answered with."""
    await call.hears_sound(timeout=REPLY_SECONDS)
    for speech in speeches:
        await call.hears_silence(PAUSE_SECONDS, timeout=REPLY_SECONDS)
        await call.say(speech)
        await call.hears_sound(timeout=REPLY_SECONDS)
    try:
        await call.ended(timeout=GOODBYE_SECONDS)
    except TimeoutError:
        await call.hang_up()


@dataclass(frozen=True)
class _Stored:
    """A call that has ended, and who of caller and agent said nothing in it."""

    call_id: str
    silent: list[str]


class _Transcript:
    """Follows one call in the API and prints each segment once."""

    def __init__(self, client: httpx.AsyncClient, sip_call_id: str) -> None:
        self._client = client
        self._sip_call_id = sip_call_id
        self._printed: set[str] = set()
        self._speakers: set[str] = set()

    async def follow(self) -> _Stored:
        """Returns when the call has ended and is stored."""
        call_id = await self._call_id()
        while True:
            call = await self._get(f"/api/calls/{call_id}")
            transcript = await self._get(f"/api/calls/{call_id}/transcript")
            for segment in transcript["segments"]:
                self._print(segment)
            if call["state"] == "ended" and transcript["complete"]:
                break
            await asyncio.sleep(POLL_SECONDS)
        utterances = "1 utterance" if len(self._printed) == 1 else f"{len(self._printed)} utterances"
        _say(f"\nThe call is stored: {call['outcome']}, {utterances} (id {call_id}).")
        return _Stored(call_id, sorted({"caller", "agent"} - self._speakers))

    async def _call_id(self) -> str:
        while True:
            found = await self._get("/api/calls", sip_call_id=self._sip_call_id, limit="1")
            if found["items"]:
                return str(found["items"][0]["id"])
            await asyncio.sleep(POLL_SECONDS)

    async def _get(self, path: str, **query: str) -> dict[str, Any]:
        response = await self._client.get(path, params=query)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    def _print(self, segment: dict[str, Any]) -> None:
        if segment["id"] in self._printed:
            return
        self._printed.add(segment["id"])
        self._speakers.add(segment["speaker"])
        interrupted = " –" if segment["interrupted"] else ""
        _say(f"  {segment['start_ms'] / 1000:6.1f} s  {segment['speaker']:<10} {segment['text']}{interrupted}")


def synthesise(text: str) -> NDArray[np.int16]:
    """A sentence in flite's voice slt, 16-bit at 8 kHz. Raises `DemoFailed` when flite or sox does not work."""
    try:
        spoken = subprocess.run(
            ["flite", "-voice", VOICE, "-t", text, "-o", "/dev/stdout"], capture_output=True, check=True
        )
        raw = [
            "sox",
            "-q",
            "-t",
            "wav",
            "-",
            "-t",
            "raw",
            "-r",
            str(SIP_RATE),
            "-e",
            "signed",
            "-b",
            "16",
            "-c",
            "1",
            "-",
        ]
        samples = subprocess.run(raw, input=spoken.stdout, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise DemoFailed(f"speech cannot be synthesised ({error}); `make setup` installs flite and sox") from error
    return np.frombuffer(samples, dtype=np.int16)


def _reason(error: Exception) -> str:
    if isinstance(error, CallRefused | NoResponse):
        return f"nobody answered: {error}"
    if isinstance(error, TimeoutError):
        return str(error) or "the call or its transcript was not stored in time"
    return str(error)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
