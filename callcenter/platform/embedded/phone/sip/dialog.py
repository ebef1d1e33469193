"""A dialog: what both sides of a call agreed on, from which every further request is made (RFC 3261, section 12)."""

from dataclasses import dataclass, field

from sipmessage import URI, Address, Request, Response

from callcenter.platform.embedded.phone.sip.messages import DEFAULT_PORT, new_branch, tag_of


@dataclass
class Dialog:
    """Our view of a call's signalling.

    `local` and `remote` are the From and To headers of our requests, `target` is where the other side wants its
    requests, `routes` are the proxies on the way, `sequence` is the number of our last request.
    """

    call_id: str
    local: str
    remote: str
    target: URI
    contact: str
    via: str
    routes: list[Address] = field(default_factory=list)
    sequence: int = 1

    def answered_by(self, response: Response) -> None:
        """Learn from a 2xx to our INVITE: the other side's tag, its contact, and the way there (12.1.2)."""
        self.remote = response.headers["To"]
        self.routes = response.record_route[::-1]
        self.retarget(response)

    def retarget(self, message: Request | Response) -> None:
        """Take the contact of a message that may move the other side (12.2)."""
        if message.contact:
            self.target = message.contact[0].uri

    def request(self, method: str, *, branch: str = "") -> Request:
        """Return the next request in this dialog; ACK and CANCEL keep the number of their INVITE."""
        if method not in ("ACK", "CANCEL"):
            self.sequence += 1
        return self.numbered(method, self.sequence, branch=branch)

    def numbered(self, method: str, sequence: int, *, branch: str = "") -> Request:
        """Return a request with a given CSeq number."""
        request = Request(method, self.target)
        request.headers.set("Via", f"{self.via};rport;branch={branch or new_branch()}")
        request.headers.set("Max-Forwards", "70")
        if self.routes:
            request.route = self.routes
        request.headers.set("From", self.local)
        request.headers.set("To", self.remote)
        request.headers.set("Call-ID", self.call_id)
        request.headers.set("CSeq", f"{sequence} {method}")
        if method not in ("ACK", "CANCEL"):
            request.headers.set("Contact", self.contact)
        return request

    @property
    def next_hop(self) -> tuple[str, int]:
        """Host and port that requests go to: the first proxy, or the other side itself (12.2.1.1)."""
        uri = self.routes[0].uri if self.routes else self.target
        return uri.host.strip("[]"), uri.port or DEFAULT_PORT

    def owns(self, request: Request) -> bool:
        """Whether a request of the other side belongs here: both tags fit (12.2.2)."""
        ours, theirs = tag_of(self.local), tag_of(self.remote)
        return tag_of(request.headers["To"]) == ours and tag_of(request.headers["From"]) == theirs
