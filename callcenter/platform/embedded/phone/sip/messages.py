"""SIP messages (RFC 3261, sections 7 and 8): reading them, and making requests and replies.

Parsing is the `sipmessage` package's; this module adds what a user agent puts into messages.
"""

import re
import secrets
from collections.abc import Mapping

from sipmessage import URI, Message, Request, Response

Address = tuple[str, int]

DEFAULT_PORT = 5060
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY"
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    501: "Not Implemented",
    603: "Decline",
}

_FOLD = re.compile(rb"\r\n[ \t]+")


def parse(data: bytes) -> Request | Response:
    """Read one message, cut to its Content-Length; raises ValueError if it is not SIP."""
    head, separator, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    message = Message.parse(_FOLD.sub(b" ", head) + separator + body)
    length = message.content_length
    if length is not None:
        message.body = message.body[:length]
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if message.headers.get(name) is None:
            raise ValueError(f"SIP message without {name}")
    return message


def new_branch() -> str:
    """Return a new transaction's mark; the prefix is RFC 3261's magic cookie (section 8.1.1.7)."""
    return f"z9hG4bK{secrets.token_hex(8)}"


def new_tag() -> str:
    """Return a new mark for one side of a dialog (section 19.3)."""
    return secrets.token_hex(6)


def branch_of(message: Request | Response) -> str:
    """Return the transaction's mark in the topmost Via; raises ValueError if there is none."""
    branch = message.via[0].parameters.get("branch") if message.via else None
    if not branch:
        raise ValueError("Via has no branch")
    return branch


def tag_of(header: str) -> str:
    """Return the tag of a From or To header, empty if it has none."""
    found = re.search(r";\s*tag\s*=\s*([^;\s>]+)", header.rpartition(">")[2] or header)
    return found.group(1) if found else ""


def uri_for(number_or_uri: str, host: str, port: int | None = None) -> URI:
    """Return the SIP URI of a phone number at `host`; a whole SIP URI stays what it is."""
    if number_or_uri.startswith(("sip:", "sips:")):
        return URI.parse(number_or_uri)
    return URI(scheme="sip", user=number_or_uri, host=host, port=None if port == DEFAULT_PORT else port)


def finish(message: Request | Response, headers: Mapping[str, str] | None, body: str, content_type: str) -> bytes:
    """Add headers and body; return the message as it goes over the network.

    Raises ValueError for a header that would break the message.
    """
    for name, value in (headers or {}).items():
        if any(mark in name + value for mark in "\r\n"):
            raise ValueError(f"header {name!r} must not contain a line break")
        message.headers.add(name, value)
    message.body = body.encode()
    if body:
        message.headers.set("Content-Type", content_type)
    message.headers.set("Content-Length", str(len(message.body)))
    return bytes(message)


def reply_to(request: Request, status: int, reason: str = "", *, tag: str = "") -> Response:
    """Return the response to a request, with what must be the same in both (section 8.2.6.2).

    `tag` marks our side of the dialog if the request does not carry it yet.
    """
    response = Response(status, reason or REASONS.get(status, "Unknown"))
    for name in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq"):
        values = request.headers.getlist(name)
        if values:
            response.headers.setlist(name, list(values))
    to = request.headers["To"]
    if tag and not tag_of(to):
        response.headers.set("To", f"{to};tag={tag}")
    return response
