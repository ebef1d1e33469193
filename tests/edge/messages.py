"""SIP messages written by hand, so that any part of them can be wrong."""

import secrets
from collections.abc import Mapping

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 30000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
)


def request(
    method: str,
    uri: str = "sip:+15550100@127.0.0.1",
    *,
    source: str = "127.0.0.1",
    number: str = "+15551230009",
    to: str | None = None,
    body: str = "",
    headers: Mapping[str, str | None] | None = None,
    extra: str = "",
) -> bytes:
    """A request as a telephone would write it; `headers` replaces (None: removes) any of them, `extra` is added."""
    token = secrets.token_hex(8)
    lines: dict[str, str | None] = {
        "Via": f"SIP/2.0/UDP {source}:5060;branch=z9hG4bK{token};rport",
        "Max-Forwards": "70",
        "From": f"<sip:{number}@{source}>;tag={token}",
        "To": to or f"<{uri}>",
        "Call-ID": f"{token}@{source}",
        "CSeq": f"1 {method}",
        "Contact": f"<sip:{number}@{source}:5060>",
        **({"Content-Type": "application/sdp"} if body else {}),
        "Content-Length": str(len(body.encode())),
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"{method} {uri} SIP/2.0\r\n{head}{extra}\r\n{body}".encode()


def invite(number: str = "+15550100", *, source: str = "127.0.0.1", body: str = SDP, **other: object) -> bytes:
    """A call's first message."""
    return request("INVITE", f"sip:{number}@127.0.0.1", source=source, body=body, **other)  # type: ignore[arg-type]


def status(answer: bytes | None) -> int | None:
    """The status of a response, None without one."""
    return None if answer is None else int(answer.split(b" ", 2)[1])
