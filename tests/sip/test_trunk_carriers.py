"""Presets and the carriers' pages: every value has a source, what is written wins, and every YAML on a page loads."""

import re
from pathlib import Path

import pytest
import yaml

from sip import carriers
from sip.config import InboundTrunk, OutboundTrunk, load
from sip.desired import Desired, desired
from sip.errors import ConfigError
from sip.existing import Existing
from sip.plan import FieldChange, make_plan
from sip.report import plan_as_json

pytestmark = pytest.mark.pure

PAGES = Path(__file__).parents[2] / "docs" / "carriers"
PRESETS = ("didww", "pbx", "plivo", "sinch", "telnyx", "twilio", "vonage")
ENVIRON = {f"{name.upper()}_PASSWORD": f"the password at {name}" for name in PRESETS}


def blocks(name: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", (PAGES / f"{name}.md").read_text(), re.DOTALL | re.MULTILINE)


def wanted(tmp_path: Path, text: str) -> Desired:
    file = tmp_path / "trunks.yaml"
    file.write_text(text)
    return desired(load([file], ENVIRON))


def fields(whole: Desired, kind: str) -> dict[str, FieldChange]:
    (change,) = [change for change in make_plan(whole, Existing((), ())).changes if change.kind == kind]
    return {field.field: field for field in change.fields}


def values(preset: carriers.Preset) -> list[carriers.Value]:
    return [*preset.inbound.values(), *preset.outbound.values(), *preset.facts.values()]


def test_there_is_a_preset_and_a_page_for_each_carrier_and_no_other() -> None:
    assert carriers.names() == PRESETS
    assert sorted(page.stem for page in PAGES.glob("*.md")) == sorted((*PRESETS, "README"))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fills_in_fields_that_exist(name: str) -> None:
    preset = carriers.preset(name)
    for model, paths in (
        (InboundTrunk, [*preset.inbound, *preset.missing.get("inbound", {})]),
        (OutboundTrunk, [*preset.outbound, *preset.missing.get("outbound", {})]),
    ):
        assert {path.split(".")[0] for path in paths} <= set(model.model_fields)
    assert {"ports", "media", "refer", "srtp"} <= set(preset.facts)


@pytest.mark.parametrize("name", PRESETS)
def test_the_page_of_a_carrier_is_short_names_its_sources_and_what_is_to_be_verified(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text()
    preset = carriers.preset(name)
    assert page.count("\n") <= 80
    assert ("**Verify**" in page) is any(value.verify for value in values(preset))
    assert f"looked up {preset.looked_up}" in page
    cited = {value.source for value in values(preset) if not value.source.endswith("rfc3323")}
    assert [source for source in cited if source.split("#")[0].removesuffix("/") not in page] == []


@pytest.mark.parametrize(
    ("name", "block"), [(name, number) for name in (*PRESETS, "README") for number in range(len(blocks(name)))]
)
def test_every_yaml_on_a_page_is_a_plan_that_may_be_applied(name: str, block: int, tmp_path: Path) -> None:
    plan = make_plan(wanted(tmp_path, blocks(name)[block]), Existing((), ()))
    assert plan.changes
    assert plan.refusals == ()


@pytest.mark.parametrize("name", PRESETS)
def test_the_page_shows_both_directions_with_the_preset(name: str, tmp_path: Path) -> None:
    whole = wanted(tmp_path, blocks(name)[0])
    assert (len(whole.trunks), len(whole.outbound)) == (1, 1)
    assert whole.trunks[0].authenticated
    assert whole.outbound[0].guard is not None
    assert f"preset: {name}" in blocks(name)[0]


def test_the_configuration_of_livekit_sip_that_the_overview_shows_has_its_keys() -> None:
    """The keys are those of `pkg/config/config.go` in livekit/sip v1.8.0."""
    (block,) = re.findall(r"^ *```yml\n(.*?)^ *```", (PAGES / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    shown = yaml.safe_load(block)
    assert set(shown) == {"tls", "sip_hostname"}
    assert set(shown["tls"]) <= {"port", "port_listen", "certs", "min_version", "max_version", "cipher_suites", "alpn"}
    assert set(shown["tls"]["certs"][0]) == {"cert_file", "key_file"}


TWILIO = """\
inbound:
  twilio:
    preset: twilio
    numbers: [+15550100]
"""


def test_the_plan_tells_what_a_preset_filled_in_and_what_of_it_is_to_be_compared(tmp_path: Path) -> None:
    whole = wanted(tmp_path, TWILIO)
    shown = fields(whole, "trunk")
    assert (shown["addresses"].origin, shown["codecs"].origin) == ("preset twilio, verify", "preset twilio")
    assert shown["numbers"].origin == ""
    plan = make_plan(whole, Existing((), ()))
    assert plan.warnings == (
        "trunk twilio: compare addresses, headers_to_attributes with the carrier's page (preset twilio); once written "
        "in the file, this line goes",
    )
    (as_json,) = [change for change in plan_as_json(plan)["changes"] if change["kind"] == "trunk"]
    assert {"field": "codecs", "change": "PCMU, PCMA", "origin": "preset twilio"} in as_json["fields"]


def test_what_is_written_wins_over_the_preset_field_by_field(tmp_path: Path) -> None:
    whole = wanted(tmp_path, TWILIO + "    codecs: [PCMA]\n    authentication: {addresses: [203.0.113.7]}\n")
    shown = fields(whole, "trunk")
    assert whole.trunks[0].addresses == ("203.0.113.7/32",)
    assert (shown["addresses"].origin, shown["codecs"].origin) == ("", "")
    assert shown["codecs"].what == "PCMA"
    assert shown["headers_to_attributes"].origin == "preset twilio, verify"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TWILIO.replace("preset: twilio", "preset: twillio"), "expected one of didww, pbx, plivo"),
        (TWILIO.replace("preset: twilio", "preset: plivo"), "authentication.addresses is missing, which preset plivo"),
        (TWILIO.replace("preset: twilio", "preset: sinch"), "https://developers.sinch.com/docs/est/test-plan"),
        (
            TWILIO + '    authentication: {digest: {username: u, password: "${TWILIO_PASSWORD}"}}\n',
            "answers no digest challenge",
        ),
        (
            "outbound:\n  twilio:\n    preset: vonage\n    numbers: [+15550100]\n",
            "address is missing, which preset vonage cannot know: the domain of your trunk",
        ),
    ],
)
def test_what_a_preset_cannot_know_is_asked_for_with_where_to_find_it(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        wanted(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.field in {"inbound.twilio", "outbound.twilio"}
    assert problem.line == 2
    assert expected in problem.expected


def test_digest_stands_for_the_addresses_that_a_preset_cannot_know(tmp_path: Path) -> None:
    digest = '    authentication: {digest: {username: u, password: "${PBX_PASSWORD}"}}\n'
    (pbx,) = wanted(tmp_path, TWILIO.replace("preset: twilio", "preset: pbx") + digest).trunks
    assert (pbx.addresses, pbx.username) == ((), "u")


def test_how_callers_are_written_travels_with_the_call(tmp_path: Path) -> None:
    (rule,) = wanted(tmp_path, blocks("didww")[0]).rules
    assert rule.attributes == (("callcenter.callers", "without-plus"), ("callcenter.trunk", "didww"))
