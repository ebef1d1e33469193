"""Every condition, with a call that meets it and calls that do not, and the words that say why."""

from typing import Any

import pytest

from callcenter.stages.routing.facts import QueueFigures
from tests.stages.routing.calls import BUSY, GERMAN, a_call, judged

pytestmark = pytest.mark.pure

TO = {"to": ["+15550100", "+15550101"]}
FOUR = {"to": ["+15550101", "+15550102", "+15550103", "+15550104"]}
FROM = {"from": ["+493012345678", "+43123456"]}
DACH = {"from_country": ["DE", "AT", "CH"]}
VIP = {"in_list": ["vip", "press"]}
GOLD = {"attribute": {"tier": ["gold", "platinum"]}}
GERMANS = {"language": ["de"]}
TENANT = {"header": {"X-Tenant": ["acme", "umbrella"]}}
PATIENT = {"waited_seconds": {"at_least": 60, "below": 120}}
LONG_LINE = {"queue": {"name": "support", "waiting": {"at_least": 3}}}
SHORT_WAIT = {"queue": {"name": "support", "expected_wait_seconds": {"below": 60}}}
STAFFED = {"queue": {"name": "support", "free_seats": {"at_least": 1}, "supervisors": {"at_least": 1}}}
BUSY_SUPPORT = {"queues": {"support": BUSY}}


@pytest.mark.parametrize(
    ("when", "call", "matched", "because"),
    [
        # Nothing given.
        ({}, {}, True, "it matches every call"),
        # Dialled number.
        (TO, {}, True, "the dialled number is +15550100"),
        (TO, {"to": "+15550101"}, True, "the dialled number is +15550101"),
        (TO, {"to": "+15550102"}, False, "the dialled number is not +15550100 or +15550101"),
        (TO, {"to": ""}, False, "the dialled number is not +15550100 or +15550101"),
        (FOUR, {}, False, "the dialled number is not +15550101 or +15550102 or +15550103 or 1 more"),
        # Caller's number.
        (FROM, {}, True, "the caller's number is +493012345678"),
        (FROM, {"from_": "+431"}, False, "the caller's number is not +43123456 or +493012345678"),
        (FROM, {"from_": ""}, False, "the caller's number is not +43123456 or +493012345678"),
        ({"from_prefix": ["+41", "+49"]}, {}, True, "the caller's number starts with +49"),
        ({"from_prefix": ["+4930"]}, {}, True, "the caller's number starts with +4930"),
        ({"from_prefix": ["+493012345678"]}, {}, True, "the caller's number starts with +493012345678"),
        ({"from_prefix": ["+41", "+43"]}, {}, False, "the caller's number does not start with +41 or +43"),
        ({"from_prefix": ["+49"]}, {"from_": ""}, False, "the caller's number does not start with +49"),
        ({"from_prefix": ["+49"]}, {"from_": "4930"}, False, "the caller's number does not start with +49"),
        # Country.
        (DACH, {}, True, "the caller's number is from DE"),
        (DACH, {"from_": "+4312345678"}, True, "the caller's number is from AT"),
        (DACH, {"from_": "+33123456789"}, False, "the caller's number is from FR, not AT or CH or DE"),
        ({"from_country": ["US"]}, {"from_": "+12125551234"}, True, "the caller's number is from US"),
        ({"from_country": ["US"]}, {"from_": "+14165551234"}, False, "the caller's number is from CA, not US"),
        ({"from_country": ["CA"]}, {"from_": "+14165551234"}, True, "the caller's number is from CA"),
        ({"from_country": ["JM"]}, {"from_": "+18765551234"}, True, "the caller's number is from JM"),
        ({"from_country": ["US"]}, {"from_": "+15550100"}, True, "the caller's number is from US"),
        ({"from_country": ["GB"]}, {"from_": "+442079460000"}, True, "the caller's number is from GB"),
        ({"from_country": ["JE"]}, {"from_": "+441534123456"}, True, "the caller's number is from JE"),
        ({"from_country": ["VA"]}, {"from_": "+390669812345"}, True, "the caller's number is from VA"),
        ({"from_country": ["RU"]}, {"from_": "+77271234567"}, False, "the caller's number is from KZ, not RU"),
        (DACH, {"from_": ""}, False, "the country of the caller's number is not known"),
        (DACH, {"from_": "alice"}, False, "the country of the caller's number is not known"),
        (DACH, {"from_": "+999123456"}, False, "the country of the caller's number is not known"),
        # Withheld numbers, and numbers of the company.
        ({"anonymous": True}, {"from_": ""}, True, "the caller withholds their number"),
        ({"anonymous": True}, {}, False, "the caller shows their number"),
        ({"anonymous": False}, {}, True, "the caller shows their number"),
        ({"anonymous": False}, {"from_": ""}, False, "the caller withholds their number"),
        ({"entered": True}, {}, True, "the dialled number is among the company's numbers"),
        ({"entered": False}, {}, False, "the dialled number is among the company's numbers"),
        ({"entered": False}, {"entered": False}, True, "the dialled number is not among the company's numbers"),
        # What is kept of the caller.
        (VIP, {"lists": frozenset({"press", "vip"})}, True, "the caller is in the list 'vip'"),
        (VIP, {"lists": frozenset({"press"})}, True, "the caller is in the list 'press'"),
        (VIP, {"lists": frozenset({"blocked"})}, False, "the caller is not in the list 'vip' or 'press'"),
        (VIP, {}, False, "the caller is not in the list 'vip' or 'press'"),
        (GOLD, {"attributes": {"tier": "gold"}}, True, "the attribute tier is 'gold'"),
        (GOLD, {"attributes": {"tier": "silver"}}, False, "the attribute tier is 'silver', not 'gold' or 'platinum'"),
        (GOLD, {"attributes": {"tier": "Gold"}}, False, "the attribute tier is 'Gold', not 'gold' or 'platinum'"),
        (GOLD, {}, False, "there is no attribute tier"),
        ({"attribute": {"tier": ["*"]}}, {"attributes": {"tier": ""}}, True, "the attribute tier is ''"),
        ({"attribute": {"tier": ["*"], "city": ["Bonn"]}}, {"attributes": {"tier": "x", "city": "Bonn"}}, True,
         "the attribute tier is 'x' and the attribute city is 'Bonn'"),
        ({"attribute": {"tier": ["*"], "city": ["Bonn"]}}, {"attributes": {"tier": "x"}}, False,
         "there is no attribute city"),
        ({"last_queue": ["sales"]}, {"last_queue": "sales"}, True, "the caller's last queue is 'sales'"),
        ({"last_queue": ["sales"]}, {"last_queue": "support"}, False,
         "the caller's last queue is 'support', not 'sales'"),
        ({"last_queue": ["sales"]}, {}, False, "the caller's last queue is not known"),
        ({"last_profile": ["shop"]}, {"last_profile": "shop"}, True, "the caller's last agent is 'shop'"),
        ({"last_profile": ["shop"]}, {}, False, "the caller's last agent is not known"),
        ({"open_call_back": True}, {"open_call_back": True}, True, "a call-back is promised to the caller"),
        ({"open_call_back": True}, {}, False, "no call-back is promised to the caller"),
        ({"open_call_back": False}, {}, True, "no call-back is promised to the caller"),
        # Language.
        (GERMANS, {"language": "de"}, True, "the call's language is de"),
        (GERMANS, {"language": "de-AT"}, True, "the call's language is de-AT"),
        (GERMANS, {"language": "DE"}, True, "the call's language is DE"),
        (GERMANS, {"language": "den"}, False, "the call's language is den, not de"),
        ({"language": ["de-AT"]}, {"language": "de"}, False, "the call's language is de, not de-AT"),
        (GERMANS, {"language": None}, False, "the call's language is not known"),
        # SIP headers.
        (TENANT, {"headers": {"x-tenant": "acme"}}, True, "the header x-tenant is 'acme'"),
        (TENANT, {"headers": {"x-tenant": "initech"}}, False,
         "the header x-tenant is 'initech', not 'acme' or 'umbrella'"),
        (TENANT, {}, False, "there is no header x-tenant"),
        ({"header": {"X-Tenant": ["*"]}}, {"headers": {"x-tenant": "any"}}, True, "the header x-tenant is 'any'"),
        ({"header": {"X-Tenant": ["*"]}}, {"headers": {"x-tenant": "a" * 5000}}, True,
         f"the header x-tenant is '{'a' * 80}'"),
        # Time waited.
        (PATIENT, {"waited_seconds": 60}, True, "the caller has waited 60 s, at least 60 and below 120"),
        (PATIENT, {"waited_seconds": 119.5}, True, "the caller has waited 119.5 s, at least 60 and below 120"),
        (PATIENT, {"waited_seconds": 120}, False, "the caller has waited 120 s, not at least 60 and below 120"),
        (PATIENT, {"waited_seconds": 0}, False, "the caller has waited 0 s, not at least 60 and below 120"),
        # How queues stand.
        (LONG_LINE, BUSY_SUPPORT, True, "waiting of queue 'support' is 3, at least 3"),
        (LONG_LINE, {"queues": {"support": QueueFigures(waiting=2)}}, False,
         "waiting of queue 'support' is 2, not at least 3"),
        (LONG_LINE, {}, False, "waiting of queue 'support' is not known"),
        (SHORT_WAIT, BUSY_SUPPORT, False, "expected wait of queue 'support' is 90 s, not below 60"),
        (SHORT_WAIT, {"queues": {"support": QueueFigures(expected_wait_seconds=59)}}, True,
         "expected wait of queue 'support' is 59 s, below 60"),
        (SHORT_WAIT, {"queues": {"support": QueueFigures()}}, False,
         "expected wait of queue 'support' is not known"),
        (STAFFED, BUSY_SUPPORT, False, "free seats of queue 'support' is 0, not at least 1"),
        (STAFFED, {"queues": {"support": QueueFigures(free_seats=2, supervisors=1)}}, True,
         "free seats of queue 'support' is 2, at least 1 and supervisors of queue 'support' is 1, at least 1"),
        (STAFFED, {"queues": {"support": QueueFigures(free_seats=2)}}, False,
         "supervisors of queue 'support' is 0, not at least 1"),
        (STAFFED, {"queues": {"sales": BUSY}}, False, "free seats of queue 'support' is not known"),
        # Shares.
        ({"share": {"percent": 100, "of": "trial"}}, {}, True, "the caller is among the 100 % of 'trial'"),
        ({"share": {"percent": 0, "of": "trial"}}, {}, False, "the caller is not among the 0 % of 'trial'"),
        # Together and nested.
        (TO | {"anonymous": False}, {}, True, "the dialled number is +15550100 and the caller shows their number"),
        (TO | {"anonymous": True}, {}, False, "the caller shows their number"),
        (FOUR | {"anonymous": True}, {"to": "+1"}, False,
         "the dialled number is not +15550101 or +15550102 or +15550103 or 1 more"),
        ({"all": [TO, DACH]}, {}, True, "the dialled number is +15550100 and the caller's number is from DE"),
        ({"all": [TO, {"anonymous": True}]}, {}, False, "the caller shows their number"),
        ({"any": [VIP, DACH]}, {}, True, "the caller's number is from DE"),
        ({"any": [VIP, {"anonymous": True}]}, {}, False,
         "the caller is not in the list 'vip' or 'press' and the caller shows their number"),
        ({"none": [VIP, {"anonymous": True}]}, {}, True,
         "the caller is not in the list 'vip' or 'press' and the caller shows their number"),
        ({"none": [VIP, DACH]}, {}, False, "the caller's number is from DE"),
        ({"none": [{"none": [DACH]}]}, {}, True, "the caller's number is from DE"),
        ({"any": [{"all": [TO, VIP]}, {"all": [TO, {"none": [VIP]}]}]}, {}, True,
         "the dialled number is +15550100 and the caller is not in the list 'vip' or 'press'"),
        ({"any": [{}]}, {}, True, "it matches every call"),
        ({"none": [{}]}, {}, False, "it matches every call"),
        # What is not known is not true; that none of it is true, is.
        ({"none": [SHORT_WAIT]}, {}, True, "expected wait of queue 'support' is not known"),
    ],
)  # fmt: skip
def test_a_condition_and_its_words(when: Any, call: dict[str, Any], matched: bool, because: str) -> None:
    assert judged(when, a_call(**call)) == (matched, because)


HALF = {"share": {"percent": 50, "of": "trial"}}


def numbers(count: int) -> list[str]:
    return [f"+4930{n:06}" for n in range(count)]


def test_a_share_takes_its_part_of_all_callers() -> None:
    for percent in (10, 50, 99):
        share = {"share": {"percent": percent, "of": "trial"}}
        taken = sum(judged(share, a_call(from_=number))[0] for number in numbers(2000))
        assert abs(taken / 2000 - percent / 100) < 0.035


def test_the_same_caller_falls_on_the_same_side_in_every_call() -> None:
    for number in numbers(50):
        sides = {judged(HALF, a_call(from_=number, call_id=f"call-{n}"))[0] for n in range(5)}
        assert len(sides) == 1


def test_two_shares_of_one_name_overlap_and_of_two_names_do_not_depend_on_each_other() -> None:
    tenth = {"share": {"percent": 10, "of": "trial"}}
    other = {"share": {"percent": 50, "of": "other"}}
    both = 0
    for number in numbers(400):
        call = a_call(from_=number)
        assert judged(HALF, call)[0] or not judged(tenth, call)[0]
        both += judged(HALF, call)[0] and judged(other, call)[0]
    assert 60 < both < 140


def test_who_withholds_their_number_is_drawn_anew_with_every_call() -> None:
    drawn = {judged(HALF, a_call(from_="", call_id=f"call-{n}"))[0] for n in range(40)}
    assert drawn == {True, False}


def test_a_share_that_was_drawn_once_is_drawn_so_for_ever() -> None:
    """A new version of the product must not send callers to the other side."""
    sides = [judged(HALF, a_call(from_=number))[0] for number in (GERMAN, *numbers(5))]
    assert sides == [True, True, False, False, True, True]
