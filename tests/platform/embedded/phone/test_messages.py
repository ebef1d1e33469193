"""Reading and making SIP messages and session descriptions."""

import pytest
from sipmessage import Request

from callcenter.platform.embedded.phone.sip import sdp
from callcenter.platform.embedded.phone.sip.messages import finish, parse, reply_to, tag_of, uri_for

pytestmark = pytest.mark.pure

REQUEST = (
    b"OPTIONS sip:phone@127.0.0.1 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP one;branch=z9hG4bK1\r\nv: SIP/2.0/UDP two;branch=z9hG4bK2\r\n"
    b'f: "A; tag=no" <sip:a@b;x=1>;tag=abc\r\nt: <sip:c@d>\r\ni: call\r\nCSeq: 4 OPTIONS\r\n'
    b"Subject: folded\r\n  over lines\r\nl: 2\r\n\r\nhello"
)


def test_short_names_folded_lines_and_trailing_bytes_are_understood() -> None:
    message = parse(REQUEST)
    assert isinstance(message, Request)
    assert message.call_id == "call"
    assert message.headers["Subject"] == "folded over lines"
    assert message.body == b"he"
    assert tag_of(message.headers["From"]) == "abc"
    assert tag_of(message.headers["To"]) == ""


@pytest.mark.parametrize("data", [b"", b"\x80\x00rtp", b"OPTIONS sip:a SIP/2.0\r\n\r\n", b"SIP/2.0 200\r\n\r\n"])
def test_what_is_not_sip_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="SIP"):
        parse(data)


def test_a_reply_goes_back_the_way_the_request_came() -> None:
    request = parse(REQUEST)
    assert isinstance(request, Request)
    reply = reply_to(request, 200, tag="mine")
    assert reply.headers.getlist("Via") == request.headers.getlist("Via")
    assert reply.headers["To"] == "<sip:c@d>;tag=mine"
    assert reply.headers["CSeq"] == "4 OPTIONS"
    assert bytes(reply).startswith(b"SIP/2.0 200 OK\r\n")


def test_a_header_cannot_smuggle_in_another() -> None:
    request = parse(REQUEST)
    with pytest.raises(ValueError, match="line break"):
        finish(request, {"X-Foo": "bar\r\nEvil: yes"}, "", "")


def test_a_number_becomes_the_user_of_a_sip_address() -> None:
    assert str(uri_for("+15550100", "127.0.0.1", 5070)) == "sip:+15550100@127.0.0.1:5070"
    assert str(uri_for("+15550100", "127.0.0.1", 5060)) == "sip:+15550100@127.0.0.1"
    assert str(uri_for("sip:sales@example.org", "127.0.0.1")) == "sip:sales@example.org"


def test_an_offer_is_read_as_it_was_made() -> None:
    audio = sdp.parse(sdp.offer("127.0.0.1", 4000, ("PCMA", "PCMU")).encode())
    assert audio == sdp.AudioDescription("127.0.0.1", 4000, ("PCMA", "PCMU"), 101, "sendrecv")


def test_an_answer_turns_the_direction_round_and_keeps_the_digits_number() -> None:
    offered = sdp.AudioDescription("127.0.0.1", 4000, ("PCMU",), 96, "sendonly")
    answered = sdp.parse(sdp.answer("127.0.0.1", 5000, "PCMU", offered).encode())
    assert answered == sdp.AudioDescription("127.0.0.1", 5000, ("PCMU",), 96, "recvonly")


def test_the_streams_own_address_goes_before_the_sessions() -> None:
    body = "v=0\r\nc=IN IP4 10.0.0.1\r\nm=video 6 RTP/AVP 31\r\nm=audio 5 RTP/AVP 8\r\nc=IN IP4 10.0.0.2\r\n"
    assert sdp.parse(body.encode()) == sdp.AudioDescription("10.0.0.2", 5, ("PCMA",), None, "sendrecv")


@pytest.mark.parametrize("media", ["", "m=video 4 RTP/AVP 31", "m=audio 0 RTP/AVP 0"])
def test_no_audio_in_use_is_no_description(media: str) -> None:
    assert sdp.parse(f"v=0\r\nc=IN IP4 10.0.0.1\r\n{media}\r\n".encode()) is None


def test_an_unknown_codec_is_not_offered() -> None:
    with pytest.raises(ValueError, match="OPUS"):
        sdp.offer("127.0.0.1", 4000, ("OPUS",))
