"""Session descriptions (RFC 8866) for one G.711 audio stream, offered and answered as in RFC 3264."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

CONTENT_TYPE = "application/sdp"
_STATIC = {"PCMU": 0, "PCMA": 8}
_OFFERED_EVENT_TYPE = 101


@dataclass(frozen=True)
class AudioDescription:
    """Where the other side wants its audio and as what; `event_type` is its payload type for keypad digits."""

    host: str
    port: int
    codecs: tuple[str, ...]
    event_type: int | None
    direction: str


def offer(host: str, port: int, codecs: Sequence[str]) -> str:
    """Return an offer of these codecs (`PCMU`, `PCMA`), the preferred one first, with keypad digits."""
    return _describe(host, port, codecs, _OFFERED_EVENT_TYPE, "sendrecv")


def answer(host: str, port: int, codec: str, offered: AudioDescription) -> str:
    """Return the answer that takes `codec` from an offer, and its direction the other way round."""
    direction = {"sendonly": "recvonly", "recvonly": "sendonly"}.get(offered.direction, offered.direction)
    return _describe(host, port, [codec], offered.event_type, direction)


def parse(body: bytes) -> AudioDescription | None:
    """Return the first audio stream described; None if there is none that is in use."""
    session, *media = re.split(r"(?m)^(?=m=)", body.decode(errors="replace"))
    audio = next((part for part in media if part.startswith("m=audio ")), None)
    if audio is None:
        return None
    found = re.match(r"m=audio (\d+)(?:/\d+)? \S+ ([\d ]+)", audio)
    host = re.search(r"(?m)^c=IN IP4 ([^\s/]+)", audio) or re.search(r"(?m)^c=IN IP4 ([^\s/]+)", session)
    if found is None or host is None or found.group(1) == "0":
        return None
    payload_types = [int(number) for number in found.group(2).split()]
    names = {int(number): name.upper() for number, name in re.findall(r"(?m)^a=rtpmap:(\d+) (\S+)", audio)}
    static = {number: name for name, number in _STATIC.items()}
    direction = re.search(r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)", audio + session)
    return AudioDescription(
        host=host.group(1),
        port=int(found.group(1)),
        codecs=tuple(static[number] for number in payload_types if number in static),
        event_type=next((n for n in payload_types if names.get(n, "").startswith("TELEPHONE-EVENT/8000")), None),
        direction=direction.group(1) if direction else "sendrecv",
    )


def _describe(host: str, port: int, codecs: Sequence[str], event_type: int | None, direction: str) -> str:
    unknown = [codec for codec in codecs if codec not in _STATIC]
    if unknown or not codecs:
        raise ValueError(f"codecs must be PCMU or PCMA, not {', '.join(unknown) or 'none'}")
    types = [_STATIC[codec] for codec in codecs] + ([event_type] if event_type is not None else [])
    session = time.monotonic_ns() // 1_000_000
    lines = ["v=0", f"o=- {session} {session} IN IP4 {host}", "s=call", f"c=IN IP4 {host}", "t=0 0"]
    lines.append(f"m=audio {port} RTP/AVP {' '.join(str(number) for number in types)}")
    lines += [f"a=rtpmap:{_STATIC[codec]} {codec}/8000" for codec in codecs]
    if event_type is not None:
        lines += [f"a=rtpmap:{event_type} telephone-event/8000", f"a=fmtp:{event_type} 0-16"]
    lines += ["a=ptime:20", f"a={direction}"]
    return "\r\n".join(lines) + "\r\n"
