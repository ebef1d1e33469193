"""Reading a caller out of a SIP participant's attributes."""

from datetime import UTC, datetime

import pytest

from callcenter.stages.arrival.rules import arrival_of

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, tzinfo=UTC)
INBOUND = {
    "sip.callIDFull": "abc@host",
    "sip.callID": "SCL_1",
    "sip.ruleID": "SDR_1",
    "sip.phoneNumber": "+15551230001",
    "sip.trunkPhoneNumber": "+15550100",
    "sip.callStatus": "ringing",
    "callcenter.trunk": "demo",
}


def test_an_inbound_leg_is_an_arrival_under_its_sip_call_id() -> None:
    arrival = arrival_of("call-1", "sip_x", INBOUND, NOW)
    assert arrival is not None
    assert (arrival.sip_call_id, arrival.from_number, arrival.to_number, arrival.trunk) == (
        "abc@host", "+15551230001", "+15550100", "demo",
    )  # fmt: skip
    assert arrival.active_at is None


def test_an_active_leg_tells_that_the_call_was_answered() -> None:
    arrival = arrival_of("call-1", "sip_x", INBOUND | {"sip.callStatus": "active"}, NOW)
    assert arrival is not None
    assert arrival.active_at == NOW


def test_an_outbound_leg_is_no_arrival() -> None:
    outbound = {k: v for k, v in INBOUND.items() if k != "sip.ruleID"}
    assert arrival_of("call-1", "sip_x", outbound, NOW) is None


def test_a_from_header_that_repeats_the_trunks_address_list_is_forged() -> None:
    arrival = arrival_of("call-1", "sip_x", INBOUND | {"sip.hostname": "127.0.0.0/8"}, NOW)
    assert arrival is not None
    assert arrival.forged


@pytest.mark.parametrize(
    "withheld",
    [
        {"sip.phoneNumber": ""},
        {"sip.phoneNumber": "anonymous", "sip.hostname": "anonymous.invalid"},
        {"sip.phoneNumber": "Restricted"},
        {"sip.phoneNumber": "+266696687"},
        {"sip.hostname": "anonymous.invalid"},
        {"callcenter.privacy": "id"},
    ],
)
def test_a_caller_who_withholds_the_number_has_none(withheld: dict[str, str]) -> None:
    arrival = arrival_of("call-1", "sip_x", INBOUND | withheld, NOW)
    assert arrival is not None
    assert arrival.from_number == ""
    assert arrival.to_number == "+15550100"


@pytest.mark.parametrize(
    ("callers", "number", "kept"),
    [
        ("", "+49 30 1234567", "+49301234567"),
        ("without-plus", "49301234567", "+49301234567"),
        ("DE", "0301234567", "+49301234567"),
        ("DE", "204", "204"),
        ("", "alice", "alice"),
    ],
)
def test_numbers_become_e164_as_the_trunk_says_they_are_written(callers: str, number: str, kept: str) -> None:
    trunk = {"callcenter.callers": callers, "sip.phoneNumber": number, "sip.trunkPhoneNumber": number}
    arrival = arrival_of("call-1", "sip_x", INBOUND | trunk, NOW)
    assert arrival is not None
    assert (arrival.from_number, arrival.to_number) == (kept, kept)


def test_headers_of_the_invite_are_kept_by_their_names() -> None:
    arrival = arrival_of("call-1", "sip_x", INBOUND | {"sip.h.x-tenant": "acme", "sip.hostname": "host"}, NOW)
    assert arrival is not None
    assert arrival.headers == {"x-tenant": "acme"}
