"""Trunk files: what is accepted, and that every mistake is named with its line and what would be right."""

from pathlib import Path

import pytest

import sip
from sip.config import load
from sip.errors import ConfigError, Problem

pytestmark = pytest.mark.pure

GOOD = """\
owner: shop
inbound:
  carrier:
    numbers: [+15550100]
    authentication:
      addresses: [203.0.113.7, 2001:db8::/48]
"""


def problems(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> list[Problem]:
    file = tmp_path / "trunks.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load([file], environ or {})
    return list(caught.value.problems)


def test_single_addresses_become_networks_because_livekit_compares_plain_ones_with_the_from_header(
    tmp_path: Path,
) -> None:
    file = tmp_path / "trunks.yaml"
    file.write_text(GOOD)
    (loaded,) = load([file], {})
    assert loaded.inbound["carrier"].authentication.addresses == ("203.0.113.7/32", "2001:db8::/48")


def test_the_demo_file_has_the_promised_trunks_and_no_secret() -> None:
    (file,) = sip.default_files()
    wanted = sip.desired(load([file], {"DEMO_TRUNK_PASSWORD": "from the environment"}))
    demo, digest = wanted.trunks
    assert (demo.name, demo.catch_all, demo.addresses, demo.username) == ("demo", True, ("127.0.0.0/8",), "")
    assert demo.numbers == tuple(f"+1555010{digit}" for digit in range(6))
    assert (digest.name, digest.catch_all, digest.numbers) == ("demo-digest", False, ("+15550110",))
    assert digest.password == "from the environment"
    assert "from the environment" not in repr(wanted)
    assert [rule.attributes for rule in wanted.rules] == [
        (("callcenter.trunk", "demo"),),
        (("callcenter.trunk", "demo-digest"),),
    ]


@pytest.mark.parametrize(
    ("change", "line", "field", "expected"),
    [
        (("+15550100", "15550100"), 4, "inbound.carrier.numbers.0", "E.164"),
        (("numbers:", "nubmers:"), 4, "inbound.carrier.nubmers", "did you mean numbers?"),
        (("203.0.113.7", "sip.example.com"), 6, "inbound.carrier.authentication.addresses.0", "no authentication"),
        (("203.0.113.7", "203.0.113.7/24"), 6, "inbound.carrier.authentication.addresses.0", "expected 203.0.113.0/24"),
        (("203.0.113.7", "0.0.0.0/0"), 5, "inbound.carrier.authentication", "whole internet"),
        (("  addresses: [203.0.113.7, 2001:db8::/48]", "  {}"), 5, "inbound.carrier.authentication", "admits anybody"),
        (("carrier:", "Carrier:"), 3, "inbound.Carrier", "lower-case"),
        (("[+15550100]", "[]"), 3, "inbound.carrier", "catch_all: true"),
        (("owner: shop", "owner: shop\nowner: other"), 2, "owner", "written twice; the first one is on line 1"),
        (("[+15550100]", "[+15550100"), 5, "", "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, change: tuple[str, str], line: int, field: str, expected: str
) -> None:
    (problem, *_) = problems(tmp_path, GOOD.replace(*change))
    assert (problem.line, problem.field) == (line, field)
    assert expected in problem.expected


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("+15550100", "1").replace("203.0.113.7", "host").replace("owner: shop", "owner: Shop")
    assert [problem.line for problem in problems(tmp_path, text)] == [1, 4, 6]


DIGEST = GOOD.replace("addresses: [203.0.113.7, 2001:db8::/48]", "digest: {username: shop, password: SECRET}")


def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, DIGEST.replace("SECRET", "hunter2"))
    assert "environment variable" in problem.expected
    assert "hunter2" not in str(problem)


@pytest.mark.parametrize("environ", [{}, {"SHOP_PASSWORD": ""}])
def test_an_unset_or_empty_password_is_refused_because_livekit_would_ask_for_none(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    (problem,) = problems(tmp_path, DIGEST.replace("SECRET", "'${SHOP_PASSWORD}'"), environ)
    assert "SHOP_PASSWORD is not set or empty" in problem.expected
    assert problem.line == 6


def test_numbers_names_and_catch_alls_of_two_files_must_not_overlap(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(GOOD + "    catch_all: true\n")
    two.write_text(GOOD + "    catch_all: true\n")
    with pytest.raises(ConfigError) as caught:
        load([one, two], {})
    found = [(problem.file, problem.line, problem.field) for problem in caught.value.problems]
    assert found == [
        (str(two), 3, "inbound.carrier"),
        (str(two), 4, "inbound.carrier.numbers.0"),
        (str(two), 7, "inbound.carrier.catch_all"),
    ]
    assert f"{one}:4" in caught.value.problems[1].expected


def test_a_file_that_is_not_there_is_a_mistake_and_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load([tmp_path / "nowhere.yaml"], {})
