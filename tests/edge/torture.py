"""Messages as hard to read as those of RFC 4475, of our own writing: sound ones, and ones that are not."""

from dataclasses import dataclass

from tests.edge.messages import SDP, request

LONG = "x" * 1500


@dataclass(frozen=True)
class Torture:
    """`expected`: the statuses a carrier may get for it; None among them: no answer at all."""

    name: str
    message: bytes
    expected: tuple[int | None, ...]


def _invite(name: str, *expected: int | None, **changes: object) -> Torture:
    body = changes.pop("body", SDP)
    return Torture(name, request("INVITE", body=body, **changes), expected)  # type: ignore[arg-type]


def _raw(name: str, message: str, *expected: int | None) -> Torture:
    return Torture(name, message.encode("latin-1"), expected)


def _invite_text(**changes: object) -> str:
    return request("INVITE", body=SDP, **changes).decode()  # type: ignore[arg-type]


CARRIERS = {  # how carriers and PBXs describe their calls
    "SRTP": SDP.replace("RTP/AVP", "RTP/SAVP")
    + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:32\r\n",
    "hold": SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0").replace("sendrecv", "sendonly"),
    "many codecs": SDP.replace("0 8 101", "9 0 8 18 3 111 96 97 101 13")
    + "a=rtpmap:9 G722/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:97 AMR-WB/16000/1\r\na=fmtp:97 mode-set=0,1,2; octet-align=1\r\n"
    "a=rtpmap:13 CN/8000\r\na=maxptime:150\r\na=rtcp:30001 IN IP4 127.0.0.1\r\n",
    "video and fax beside it": SDP + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=rtcp-fb:* ccm fir\r\n"
    "m=image 0 udptl t38\r\na=T38FaxVersion:0\r\n",
    "a large session id": SDP.replace("o=- 1 1", "o=Sonus_UAC 18446744073709551615 16482039487561203948")
    .replace("s=-", "s=SIP Media Capabilities")
    .replace("t=0 0", "b=AS:84\r\nt=0 0\r\na=X-nat:0"),
    "without line feeds of the one kind": SDP.replace("\r\n", "\n"),
    "no name": SDP.replace("s=-", "s= "),
    "IPv6": SDP.replace("IP4 127.0.0.1", "IP6 2001:db8::1"),
}

TAKEN = 100  # the edge has taken it and passes it on


def sound() -> list[Torture]:
    """Hard to read, and right (RFC 4475, 3.1.1): each is taken or answered for what it asks."""
    folded = _invite_text().replace("Max-Forwards: 70", "Max-Forwards:\r\n 70")
    compact = _invite_text()
    for long, short in (
        ("Via", "v"),
        ("From", "f"),
        ("To", "t"),
        ("Call-ID", "i"),
        ("Contact", "m"),
        ("Content-Length", "l"),
    ):
        compact = compact.replace(f"\r\n{long}: ", f"\r\n{short}: ")
    compact = compact.replace("\r\nContent-Type: ", "\r\nc: ")
    return [
        _raw("folded headers", folded, TAKEN),
        _raw("compact headers", compact, TAKEN),
        _raw("spaces around colons", _invite_text().replace("Call-ID: ", "Call-ID   :   "), TAKEN),
        _raw("odd capitals", _invite_text().replace("Max-Forwards", "mAX-fORWARDS"), TAKEN),
        _invite("unknown headers", TAKEN, extra="X-Unknown: \x01 ; ,, =\r\nNewFangled: a;b=c\r\n"),
        _invite("a long header", TAKEN, extra=f"X-Long: {LONG}\r\n"),
        _invite(
            "quotes in the display name",
            TAKEN,
            headers={"From": r'"a \"b\" <sip:x@y>" <sip:+15551230009@127.0.0.1>;tag=q1'},
        ),
        _invite(
            "a display name without quotes", TAKEN, headers={"From": "Joe Doe <sip:+15551230009@127.0.0.1>;tag=q2"}
        ),
        _invite("unknown parameters", TAKEN, headers={"From": "<sip:+15551230009@127.0.0.1;lr;odd=%20>;x=y;tag=q3;z"}),
        _invite(
            "more Vias",
            TAKEN,
            extra="Via: SIP/2.0/TCP 192.0.2.2;branch=390skdjuw\r\nVia: SIP/2.0/UDP [2001:db8::1];branch=z9hG4bKx\r\n",
        ),
        _invite("an anonymous caller", TAKEN, headers={"From": '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=q4'}),
        _invite("escaped characters in the caller", TAKEN, headers={"From": "<sip:a%20b%3C@127.0.0.1>;tag=q5"}),
        _invite("a caller with tel", TAKEN, headers={"From": "<tel:+15551230009>;tag=q6"}),
        _invite("no description", TAKEN, body=""),
        *(_invite(name, TAKEN, body=body) for name, body in CARRIERS.items()),
        Torture("OPTIONS", request("OPTIONS"), (200,)),
        Torture("an unknown method", request("NEWMETHOD"), (405,)),
        Torture("REGISTER", request("REGISTER"), (405,)),
        Torture("SUBSCRIBE", request("SUBSCRIBE", extra="Event: presence\r\n"), (405,)),
        Torture("no more hops", request("OPTIONS", headers={"Max-Forwards": "0"}), (200, 483)),
    ]


def malformed() -> list[Torture]:
    """Wrong (RFC 4475, 3.1.2 and 3.3): refused or passed over in silence, and never passed on."""
    refused = (400, 403, 404, 416, 420, 481, 482, 483, 488, 505, None)
    cases = [
        _raw("a Content-Length too large", _invite_text().replace("Content-Length: ", "Content-Length: 9"), *refused),
        _raw("a negative Content-Length", _invite_text().replace("Content-Length: ", "Content-Length: -"), *refused),
        _raw("no Call-ID", _invite_text(headers={"Call-ID": None}), *refused),
        _raw("no CSeq", _invite_text(headers={"CSeq": None}), *refused),
        _raw("no From", _invite_text(headers={"From": None}), *refused),
        _raw("no To", _invite_text(headers={"To": None}), *refused),
        _raw("no Via", _invite_text(headers={"Via": None}), *refused),
        _raw("no tag in From", _invite_text(headers={"From": "<sip:a@127.0.0.1>"}), *refused),
        _raw("an empty Call-ID", _invite_text(headers={"Call-ID": ""}), *refused),
        _raw("another method in CSeq", _invite_text(headers={"CSeq": "1 OPTIONS"}), *refused),
        _raw("a CSeq beyond 32 bits", _invite_text(headers={"CSeq": "36893488147419103232 INVITE"}), *refused),
        _raw("a CSeq that is no number", _invite_text(headers={"CSeq": "one INVITE"}), *refused),
        _raw("SIP 7.0", _invite_text().replace("SIP/2.0\r\n", "SIP/7.0\r\n", 1), *refused),
        _raw("no version", _invite_text().replace(" SIP/2.0\r\n", "\r\n", 1), *refused),
        _raw(
            "spaces in the request line",
            _invite_text().replace("INVITE sip", "INVITE   sip", 1).replace(" SIP/2.0", "   SIP/2.0", 1),
            *refused,
            TAKEN,
        ),
        _raw(
            "an URI in brackets",
            _invite_text().replace("INVITE sip:+15550100@127.0.0.1", "INVITE <sip:+15550100@127.0.0.1>", 1),
            *refused,
        ),
        _raw("an unknown scheme", _invite_text().replace("INVITE sip:", "INVITE nobody:", 1), *refused),
        _raw("an URI without end", _invite_text().replace("sip:+15550100@", f"sip:{'9' * 3000}@", 1), *refused),
        _raw("no closing bracket", _invite_text(headers={"To": "<sip:+15550100@127.0.0.1"}), *refused),
        _raw("no closing quote", _invite_text(headers={"From": '"Joe <sip:a@127.0.0.1>;tag=1'}), *refused),
        _raw("two Froms", _invite_text(extra="From: <sip:b@127.0.0.1>;tag=zz\r\n"), *refused),
        _raw("two Tos", _invite_text(extra="To: <sip:+15550120@127.0.0.1>\r\n"), *refused),
        _raw("two Call-IDs", _invite_text(extra="Call-ID: other\r\n"), *refused),
        _raw("two Content-Lengths", _invite_text(extra="Content-Length: 0\r\n"), *refused),
        _raw("two tags", _invite_text(headers={"From": "<sip:a@127.0.0.1>;tag=1;tag=2"}), *refused),
        _raw("Max-Forwards that is no number", _invite_text(headers={"Max-Forwards": "many"}), *refused),
        _raw("Expires that is no number", _invite_text(extra="Expires: soon\r\n"), *refused),
        _raw("a caller's host like a network", _invite_text(headers={"From": "<sip:a@127.0.0.1/32>;tag=1"}), *refused),
        _raw(
            "a body that is no description",
            request("INVITE", body="hello", headers={"Content-Type": "text/plain"}).decode(),
            *refused,
        ),
        _raw(
            "a description without its type",
            request("INVITE", body=SDP, headers={"Content-Type": None}).decode(),
            *refused,
        ),
        _raw("no headers", "INVITE sip:+15550100@127.0.0.1 SIP/2.0\r\n\r\n", *refused),
        _raw("half a message", _invite_text()[:200], *refused),
        _raw("zeros", "\x00" * 400, *refused),
        _raw("noise", "".join(chr(n % 256) for n in range(7, 4000, 7)), *refused),
        _raw("more than any telephone says", _invite_text(extra=f"X-Long: {'y' * 20000}\r\n"), *refused),
        _raw(
            "an endless line of Vias",
            _invite_text(extra="Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKy\r\n" * 300),
            *refused,
        ),
        _raw(
            "a response to nothing",
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
            "To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
            *refused,
        ),
        _raw("a dialog that is not ours", _invite_text(to="<sip:+15550100@127.0.0.1>;tag=foreign"), *refused),
        _raw(
            "a way of somebody else's making",
            _invite_text(
                to="<sip:+15550100@127.0.0.1>;tag=f",
                headers={"Route": "<sip:127.0.0.1;lr;nd=3132372e302e302e313a35303630;sl=000000000000000000000000>"},
            ),
            *refused,
        ),
    ]
    return cases
