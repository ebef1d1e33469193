"""What the edge is told, from the trunk files to Kamailio's text: who may call which number, and who keeps a secret."""

from pathlib import Path

import pytest
import yaml

from callcenter.platform.api.house import has_room
from callcenter.platform.embedded.edge import require_edge
from callcenter.platform.embedded.parts import StartError
from callcenter.platform.wire.settings import Settings
from sip.cli import main
from sip.config import load
from sip.desired import desired
from sip.edge import Address, Edge, admission, behind
from sip.edge.admission import Admission, Door, read
from sip.edge.behind import addresses
from sip.edge.files import drained_nodes, mark, secret_of, write
from sip.edge.kamailio import configuration
from sip.errors import SipError

pytestmark = pytest.mark.pure

NODE, OTHER_NODE = Address("10.0.0.7", 5060), Address("10.0.0.8", 5060)
CARRIER = Door("carrier", ("+15550100",), False, ("203.0.113.0/24", "2001:db8::/32"))
DIGEST = Door("digest", ("+15550110",), False, ())
CATCH_ALL = Door("rest", (), True, ("198.51.100.7/32",))


def edge(where: Path, *doors: Door, **changes: object) -> Edge:
    values: dict[str, object] = {
        "admission": Admission(doors or (CARRIER, DIGEST)),
        "outside": Address("10.0.0.5", 5060),
        "inside": Address("10.0.0.5", 5059),
        "nodes": (NODE, OTHER_NODE),
        "folder": where,
        "secret": "0" * 32,
    }
    return Edge(**(values | changes))  # type: ignore[arg-type]


def case_of(trunk: str, text: str) -> str:
    """The lines that decide who may call this trunk."""
    return text.split(f'case "{trunk}":', 1)[1].split("break;", 1)[0]


def test_a_trunk_with_addresses_takes_calls_from_these_alone(tmp_path: Path) -> None:
    text = configuration(edge(tmp_path))
    assert '!is_in_subnet("$si", "203.0.113.0/24,2001:db8::/32")' in case_of("carrier", text)
    assert '$sht(trunk=>+15550100) = "carrier";' in text


def test_a_digest_trunk_takes_calls_from_anywhere_to_its_own_numbers(tmp_path: Path) -> None:
    text = configuration(edge(tmp_path))
    assert case_of("digest", text).strip() == ""
    assert '$sht(trunk=>+15550110) = "digest";' in text


def test_a_number_of_no_trunk_is_the_catch_alls_or_refused(tmp_path: Path) -> None:
    unknown = "if ($sht(trunk=>$var(number)) == $null) {\n        "
    assert f"{unknown}route(REFUSE);" in configuration(edge(tmp_path))
    assert f'{unknown}$var(trunk) = "rest";' in configuration(edge(tmp_path, CARRIER, CATCH_ALL))


def test_carriers_are_all_addresses_that_some_trunk_names(tmp_path: Path) -> None:
    every = Admission((CARRIER, DIGEST, CATCH_ALL)).listed
    assert every == ("198.51.100.7/32", "2001:db8::/32", "203.0.113.0/24")
    assert f'is_in_subnet("$si", "{",".join(every)}")' in configuration(edge(tmp_path, CARRIER, DIGEST, CATCH_ALL))
    assert '"$si", "255.255.255.255/32"' in configuration(edge(tmp_path, DIGEST)), "nobody is a carrier"


def test_the_files_are_read_without_any_password(tmp_path: Path) -> None:
    file = tmp_path / "trunks.yaml"
    digest = {"username": "u", "password": "${NOWHERE_SET}"}
    file.write_text(
        yaml.safe_dump({"inbound": {"a": {"numbers": ["+15550110"], "authentication": {"digest": digest}}}})
    )
    assert admission(read([file])).doors == (Door("a", ("+15550110",), False, ()),)


def test_the_secret_and_the_drained_nodes_survive_a_rewriting(tmp_path: Path) -> None:
    secret = secret_of(tmp_path)
    write(edge(tmp_path, secret=secret))
    mark(tmp_path, NODE, drained=True)
    write(edge(tmp_path, secret=secret_of(tmp_path)))
    assert secret_of(tmp_path) == secret
    assert drained_nodes(tmp_path) == [str(NODE)]
    mark(tmp_path, NODE, drained=False)
    assert drained_nodes(tmp_path) == []
    assert oct((tmp_path / "kamailio.cfg").stat().st_mode)[-3:] == "600", "it holds the secret"


def test_a_node_that_the_edge_does_not_know_cannot_be_drained(tmp_path: Path) -> None:
    write(edge(tmp_path))
    with pytest.raises(SipError, match=r"10\.0\.0\.9:5060 is no node.*10\.0\.0\.7:5060, 10\.0\.0\.8:5060"):
        mark(tmp_path, Address("10.0.0.9", 5060), drained=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"nodes": ()}, "--node is missing"),
        ({"inside": Address("10.0.0.5", 5060)}, "--inside 10.0.0.5:5060: expected another port"),
        ({"nodes": (Address("10.0.0.5", 5059),)}, "--node names the edge itself"),
        ({"secret": "short"}, "the edge's secret"),
        ({"state_url": 'http://x/"; exit;'}, "may not hold"),
        ({"folder": Path("/tmp/a b")}, "may not hold"),
    ],
)
def test_an_edge_that_cannot_be_is_refused_with_the_reason(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(SipError, match=said):
        configuration(edge(tmp_path, **changes))


def test_the_command_writes_what_kamailio_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "edge"
    words = [
        "edge",
        "--out",
        str(out),
        "--listen",
        "10.0.0.5:5060",
        "--node",
        str(NODE),
        "--advertise",
        "sip.example:5060",
    ]
    assert main(words) == 0
    assert capsys.readouterr().out.strip() == str(out / "kamailio.cfg")
    text = (out / "kamailio.cfg").read_text()
    assert "listen=udp:10.0.0.5:5060 advertise sip.example:5060\n" in text
    assert "listen=udp:10.0.0.5:5059\n" in text
    assert f"1 sip:{NODE} 0 0 socket=udp:10.0.0.5:5059\n" in (out / "nodes.list").read_text()


@pytest.mark.parametrize("wrong", ["localhost:5060", "10.0.0.5", "10.0.0.5:0", "10.0.0.5:70000"])
def test_an_address_that_is_none_is_named_with_its_option(
    tmp_path: Path, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["edge", "--out", str(tmp_path), "--listen", wrong, "--node", str(NODE)]) == 1
    assert f"--listen '{wrong}': expected an IP address and a port" in capsys.readouterr().err


def test_behind_an_edge_every_trunk_admits_the_edge_alone() -> None:
    files = load([Path("sip/demo.yaml")], {"DEMO_TRUNK_PASSWORD": "word"})
    before = desired(files)
    after = behind(before, addresses("10.0.0.5"))
    assert {trunk.addresses for trunk in after.trunks} == {("10.0.0.5/32",)}
    assert [t.username for t in after.trunks] == [t.username for t in before.trunks]
    assert behind(before, addresses("")) == before
    with pytest.raises(SipError, match="--behind-edge 'edge': expected the edge's IP address"):
        addresses("10.0.0.5, edge")


def test_an_edge_for_somebody_elses_livekit_is_refused() -> None:
    with pytest.raises(StartError, match=r"CALLCENTER_SIP_EDGE=1 is for the embedded LiveKit.*docs/edge\.md"):
        require_edge(Settings(sip_edge=True), embedded_livekit=False)
    require_edge(Settings(), embedded_livekit=False)


@pytest.mark.parametrize(("seats", "calls", "room"), [(64, 3, True), (64, 64, False), (64, 70, False), (0, 3, True)])
def test_the_house_is_full_when_every_seat_has_its_call(seats: int, calls: int, room: bool) -> None:
    assert has_room(seats, calls) is room
