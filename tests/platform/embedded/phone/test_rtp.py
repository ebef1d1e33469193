"""RTP packets and keypad events on the wire."""

import pytest

from callcenter.platform.embedded.phone.media.rtp import Packet, TelephoneEvent, decode, decode_event

pytestmark = pytest.mark.pure


def test_a_packet_comes_back_as_it_was_sent() -> None:
    packet = Packet(12.5, 65535, 2**32 - 1, 7, 101, True, b"abc")
    assert decode(packet.encode(), 12.5) == packet


def test_contributors_extension_and_padding_are_not_payload() -> None:
    header = bytes([0x80 | 0x20 | 0x10 | 1, 0x80 | 8]) + (5).to_bytes(2) + (6).to_bytes(4) + (7).to_bytes(4)
    data = header + b"csrc" + b"\xbe\xde\x00\x01" + b"extn" + b"voice" + b"\x00\x00\x03"
    assert decode(data, 1.0) == Packet(1.0, 5, 6, 7, 8, True, b"voice")


@pytest.mark.parametrize("data", [b"", b"short", b"\x00" * 12, b"OPTIONS sip:a SIP/2.0"])
def test_what_is_not_rtp_is_no_packet(data: bytes) -> None:
    assert decode(data, 1.0) is None


def test_a_key_press_is_reported_in_four_bytes() -> None:
    report = TelephoneEvent("#", 800, end=True)
    assert report.encode() == bytes([11, 0x80 | 10, 0x03, 0x20])
    assert decode_event(report.encode()) == report


def test_an_event_that_is_no_keypad_digit_is_none() -> None:
    assert decode_event(bytes([16, 10, 0, 160])) is None
    assert decode_event(b"") is None
