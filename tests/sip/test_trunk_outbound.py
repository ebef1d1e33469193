"""Outbound trunks: authenticated, guarded, planned and applied like inbound ones."""

from dataclasses import replace
from pathlib import Path

import pytest

import sip
from sip import safety
from sip.apply import apply
from sip.config import Guard, load
from sip.desired import Desired, Marker, Outbound, desired
from sip.errors import ConfigError, DeleteNeedsConsentError, Problem, RefusedError
from sip.existing import Existing, StoredOutbound
from sip.existing_fake import FakeSipServer
from sip.messages import from_outbound, to_outbound
from sip.plan import Action, make_plan
from tests.sip.trunk_values import trunk, wanted

pytestmark = pytest.mark.pure

GOOD = """\
owner: shop
outbound:
  carrier:
    address: sip.example.com
    transport: tls
    encryption: require
    country: DE
    numbers: ["030 1234567", +49 30 7654321]
    codecs: [PCMA]
    headers: {X-Account: "${ACCOUNT}"}
    headers_to_attributes: {X-Call: callcenter.carrier_call}
    authentication: {digest: {username: shop, password: "${PASSWORD}"}}
    guard:
      prefixes: [+49, +43]
      calls_per_hour: 30
"""
ENVIRON = {"PASSWORD": "secret-word", "ACCOUNT": "secret-account"}


def wanted_by(tmp_path: Path, text: str = GOOD) -> Desired:
    file = tmp_path / "trunks.yaml"
    file.write_text(text)
    return desired(load([file], ENVIRON))


def problems(tmp_path: Path, text: str) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        wanted_by(tmp_path, text)
    return list(caught.value.problems)


def test_an_outbound_trunk_is_what_the_file_says_and_shows_no_secret(tmp_path: Path) -> None:
    whole = wanted_by(tmp_path)
    (carrier,) = whole.outbound
    assert (carrier.address, carrier.transport, carrier.encryption) == ("sip.example.com", "tls", "require")
    assert carrier.numbers == ("+49301234567", "+49307654321")
    assert carrier.guard == Guard(prefixes=("+49", "+43"), calls_per_hour=30)
    assert (carrier.password, carrier.headers) == ("secret-word", (("X-Account", "secret-account"),))
    plan = make_plan(whole, Existing((), ()))
    assert "secret" not in repr(whole) + repr(plan)
    (change,) = plan.changes
    shown = {field.field: field.what for field in change.fields}
    assert shown["guard"] == "calls to +49, +43: 30 per hour, 500 per day, 2 at once"
    assert (shown["password"], shown["headers"]) == ("set", "X-Account set")
    assert plan.refusals == ()


def test_livekit_holds_all_of_it_and_the_product_reads_the_guard_from_there(tmp_path: Path) -> None:
    (carrier,) = wanted_by(tmp_path).outbound
    info = from_outbound(carrier)
    assert to_outbound(info) == carrier
    assert sip.read_guard(info.metadata) == carrier.guard


@pytest.mark.parametrize(
    ("change", "line", "field", "expected"),
    [
        ((', password: "${PASSWORD}"}', "}"), 12, "outbound.carrier.authentication.digest.password", "is missing"),
        (('{digest: {username: shop, password: "${PASSWORD}"}}', "{}"), 12, "outbound.carrier.authentication",
         "by_address: true"),
        (("{digest: {", "{by_address: true, digest: {"), 12, "outbound.carrier.authentication", "one of the two"),
        (('    authentication: {digest: {username: shop, password: "${PASSWORD}"}}\n', ""), 3,
         "outbound.carrier.authentication", "without authentication is refused"),
        (("prefixes: [+49, +43]", "concurrent: 1"), 13, "outbound.carrier.guard.prefixes", "is missing"),
        (("[+49, +43]", "[]"), 14, "outbound.carrier.guard.prefixes", "at least one"),
        (("[+49, +43]", "[+49, 0043]"), 14, "outbound.carrier.guard.prefixes.1", "such as +49"),
        (("calls_per_hour: 30", "calls_per_hour: 0"), 15, "outbound.carrier.guard.calls_per_hour", "greater than or"),
        (("calls_per_hour", "calls_an_hour"), 15, "outbound.carrier.guard.calls_an_hour", "you mean calls_per_hour"),
        (("sip.example.com", "sip:sip.example.com"), 4, "outbound.carrier.address", "neither sip:"),
        (("sip.example.com", "sip.example.com:99999"), 4, "outbound.carrier.address", "1 to 65535"),
        (("transport: tls", "transport: tsl"), 5, "outbound.carrier.transport", "expected auto, udp, tcp or tls"),
        (("encryption: require", "encryption: yes"), 6, "outbound.carrier.encryption", "disable, allow or require"),
        (("country: DE", "country: Germany"), 7, "outbound.carrier.country", "such as DE"),
        (("030 1234567", "4711"), 8, "outbound.carrier.numbers.0", "no whole number in DE"),
        (("[PCMA]", "[OPUS]"), 9, "outbound.carrier.codecs.0", "PCMU, PCMA or G722"),
        (("X-Account:", "Via:"), 10, "outbound.carrier.headers.Via", "livekit-sip writes itself"),
        (("callcenter.carrier_call", "callcenter.trunk"), 11, "outbound.carrier.headers_to_attributes.X-Call",
         "caller writes headers"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, change: tuple[str, str], line: int, field: str, expected: str
) -> None:
    (problem, *_) = problems(tmp_path, GOOD.replace(*change))
    assert (problem.line, problem.field) == (line, field)
    assert expected in problem.expected


def test_a_trunk_without_guard_is_refused_with_what_would_be_right(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, GOOD[: GOOD.index("    guard")])
    assert "prefixes, such as [+49]" in problem.expected


def test_a_carrier_that_admits_our_address_needs_no_digest(tmp_path: Path) -> None:
    digest = '{digest: {username: shop, password: "${PASSWORD}"}}'
    (carrier,) = wanted_by(tmp_path, GOOD.replace(digest, "{by_address: true}")).outbound
    assert carrier.authenticated
    assert carrier.username == ""


CARRIER = Outbound(
    name="carrier", marker=Marker("shop", "carrier"), address="sip.example.com", transport="tls",
    numbers=("+15550100",), username="u", password="p", guard=Guard(prefixes=("+49",)), media_timeout_seconds=60,
)  # fmt: skip


def holding(*pairs: tuple[str, Outbound]) -> Existing:
    return Existing((), (), tuple(StoredOutbound(id, value) for id, value in pairs))


def test_a_changed_guard_or_address_updates_in_place() -> None:
    after = replace(CARRIER, guard=Guard(prefixes=("+49", "+43")), address="sip.example.org")
    (change,) = make_plan(Desired(frozenset({"shop"}), (), (), (after,)), holding(("T1", CARRIER))).changes
    assert (change.action, change.kind, change.id) == (Action.UPDATE, "outbound trunk", "T1")
    assert [field.field for field in change.fields] == ["address", "guard"]


def test_a_guard_that_somebody_took_out_of_the_metadata_is_put_back() -> None:
    (change,) = make_plan(
        Desired(frozenset({"shop"}), (), (), (CARRIER,)), holding(("T1", replace(CARRIER, guard=None)))
    ).changes
    assert [(field.field, field.what) for field in change.fields] == [
        ("guard", "nothing → calls to +49: 60 per hour, 500 per day, 2 at once")
    ]


def test_trunks_of_others_are_left_alone_and_pointed_out_if_unguarded() -> None:
    other = replace(CARRIER, marker=Marker("elsewhere", "carrier"), guard=None)
    plan = make_plan(Desired(frozenset({"shop"}), (), ()), holding(("T1", other)))
    assert plan.changes == ()
    assert "outbound trunk carrier (T1, owner elsewhere) has no guard" in plan.warnings[0]


def test_an_inbound_and_an_outbound_trunk_may_share_name_and_number() -> None:
    both = replace(wanted(trunk("carrier", "+15550100")), outbound=(CARRIER,))
    plan = make_plan(both, Existing((), ()))
    assert [(change.kind, change.name) for change in plan.changes] == [
        ("trunk", "carrier"), ("rule", "carrier"), ("outbound trunk", "carrier"),
    ]  # fmt: skip
    assert plan.refusals == ()


def test_a_trunk_without_authentication_or_guard_is_refused_even_if_no_file_was_checked() -> None:
    bare = replace(CARRIER, password="", guard=None)
    found = safety.refusals(Desired(frozenset({"shop"}), (), (), (bare,)), holding())
    assert ["no authentication" in found[0], "no guard" in found[1], len(found)] == [True, True, 2]


def test_keys_that_travel_in_the_clear_are_pointed_out() -> None:
    srtp = replace(CARRIER, encryption="require", transport="udp")
    (warning,) = safety.warnings(Desired(frozenset({"shop"}), (), (), (srtp,)), holding())
    assert "transport: tls hides them" in warning


async def test_apply_creates_keeps_and_deletes_only_with_consent() -> None:
    server = FakeSipServer()
    whole = Desired(frozenset({"shop"}), (), (), (CARRIER,))
    assert [change.action for change in (await apply(whole, server)).made] == [Action.CREATE]
    assert (await apply(whole, server)).made == ()
    without = Desired(frozenset({"shop"}), (), ())
    with pytest.raises(DeleteNeedsConsentError):
        await apply(without, server)
    assert server.outbound
    await apply(without, server, allow_delete=True)
    assert not server.outbound


async def test_apply_refuses_an_unguarded_trunk_and_writes_nothing() -> None:
    server = FakeSipServer()
    with pytest.raises(RefusedError, match="has no guard"):
        await apply(Desired(frozenset({"shop"}), (), (), (replace(CARRIER, guard=None),)), server)
    assert server.writes == 0


async def test_copies_left_by_two_applies_at_once_shrink_to_the_first() -> None:
    server = FakeSipServer()
    server.outbound = {"ST_2": CARRIER, "ST_1": CARRIER}
    await apply(Desired(frozenset({"shop"}), (), (), (CARRIER,)), server)
    assert list(server.outbound) == ["ST_1"]
