"""The Helm chart against the code and against docker-compose.yml. Helm itself is not asked."""

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml

from callcenter.platform.embedded import environments
from callcenter.platform.wire.settings import Settings
from tests.deploy.reading import (
    CHART,
    DOCKERFILE,
    NOT_SETTINGS,
    SERVICES,
    TEMPLATES,
    VALUES,
    interpolated,
    variables_of_settings,
    version,
)

pytestmark = pytest.mark.pure

ALL = "\n".join(TEMPLATES.values())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
WORKLOADS = ("api.yaml", "edge.yaml", "migrate.yaml", "router.yaml", "sip.yaml", "trunks.yaml", "workers.yaml")
SECRETS_OF_OTHERS = {"REDIS_PASSWORD", "EDGE_SEAL"}  # livekit-sip's and the edge's


def chosen(name: str) -> dict[str, Any]:
    """The chart's values with those of a file in `ci/`, as Helm lays one over the other."""

    def over(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
        both = {key: over(low[key], value) if isinstance(value, dict) and key in low else value
                for key, value in high.items()}  # fmt: skip
        return {**low, **both}

    return over(VALUES, yaml.safe_load((CHART / "ci" / f"{name}-values.yaml").read_text()))


def defined(helper: str) -> str:
    found = re.search(
        rf'define "{re.escape(helper)}" -}}}}(.*?)\n{{{{- end -}}}}', TEMPLATES["_helpers.tpl"], re.DOTALL
    )
    assert found, helper
    return found[1]


def told(text: str) -> set[str]:
    """Variables that this text sets, with those of the helpers that it includes."""
    names = set(re.findall(r'- name: ([A-Z][A-Z_]+)$|"key" "([A-Z_]+)"', text, re.MULTILINE))
    found = {name for pair in names for name in pair if name}
    for helper in re.findall(r'include "(callcenter\.env\.\w+)"', text):
        found |= told(defined(helper))
    return found


def part(name: str) -> str:
    """The `env` of a worker's template with the branches of the other one left out."""
    branches = re.compile(r'{{- if eq \$part "agent" }}(.*?)(?:{{- else }}(.*?))?{{- end }}', re.DOTALL)
    return branches.sub(lambda m: m[1] if name == "agent" else (m[2] or ""), TEMPLATES["workers.yaml"])


def test_every_variable_is_one_that_somebody_reads() -> None:
    known = variables_of_settings() | NOT_SETTINGS
    assert set(re.findall(r"\bCALLCENTER_[A-Z_]+", ALL)) <= known
    assert told(ALL) - {"HOST_IP"} - SECRETS_OF_OTHERS - {"SIP_CONFIG_BODY"} <= known


def test_those_in_the_room_are_told_what_the_supervisor_tells_them_and_no_more() -> None:
    models = {"OPENAI_API_KEY", "OPENAI_BASE_URL"}
    in_image = {"CALLCENTER_DATA_DIR"}
    assert told(part("attendant")) == {*environments.ATTENDANT, *models} - in_image
    assert told(part("agent")) == {*environments.AGENT, *models} - in_image


def test_a_job_that_migrates_knows_the_database_alone() -> None:
    assert told(TEMPLATES["migrate.yaml"]) == {"DATABASE_URL"}
    assert "pre-install,pre-upgrade" in TEMPLATES["migrate.yaml"]


def test_every_secret_in_the_templates_comes_from_a_secret() -> None:
    secrets = {
        "DATABASE_URL",
        "LIVEKIT_API_SECRET",
        "CALLCENTER_DESK_SECRET",
        "CALLCENTER_SECRETS_KEY",
        "OPENAI_API_KEY",
        *SECRETS_OF_OTHERS,
    }
    assert not secrets & set(re.findall(r"- name: (\w+)\n\s+value:", ALL))


def test_pods_are_killed_at_least_a_minute_after_they_have_handed_their_calls_over() -> None:
    assert VALUES["drainSeconds"] == Settings().drain_seconds
    assert VALUES["drainSeconds"] >= VALUES["maxCallSeconds"] == Settings().max_call_seconds
    assert VALUES["handoverSeconds"] >= SCHEMA["properties"]["handoverSeconds"]["minimum"] >= 60
    for name in ("workers.yaml", "sip.yaml"):
        assert re.search(
            r"terminationGracePeriodSeconds: {{ add \S+drainSeconds \S+handoverSeconds }}", TEMPLATES[name]
        )


@pytest.mark.parametrize("name", ["full", "least"])
def test_the_tried_values_are_what_the_schema_allows(name: str) -> None:
    jsonschema.validate(chosen(name), SCHEMA)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"existingSecret": ""}, "existingSecret"),
        ({"livekit": {"url": "http://livekit"}}, "url"),
        ({"handoverSeconds": 5}, "handoverSeconds"),
        ({"sip": {**VALUES["sip"], "image": {**VALUES["sip"]["image"], "tag": "latest"}}}, "tag"),
        ({"agents": {"replicas": 3}}, "agents"),
        ({"telephony": {**VALUES["telephony"], "addresses": []}}, "addresses"),
    ],
)
def test_wrong_values_are_refused_by_name(wrong: dict[str, Any], where: str) -> None:
    with pytest.raises(jsonschema.ValidationError) as refused:
        jsonschema.validate({**chosen("full"), **wrong}, SCHEMA)
    assert where in f"{list(refused.value.absolute_path)} {refused.value.message}"


def test_chart_and_compose_agree() -> None:
    agent, attendant = SERVICES["agent"]["environment"], SERVICES["attendant"]["environment"]
    assert VALUES["agent"]["seats"] == int(interpolated(agent["CALLCENTER_AGENT_SEATS"])) == Settings().agent_seats
    assert VALUES["attendant"]["seats"] == int(interpolated(attendant["CALLCENTER_ATTENDANT_SEATS"]))
    assert VALUES["drainSeconds"] == int(agent["CALLCENTER_DRAIN_SECONDS"])
    for name in ("router", "attendant", "agent"):
        assert VALUES[name]["replicas"] == SERVICES[name]["deploy"]["replicas"]
    image = VALUES["sip"]["image"]
    assert f"{image['repository']}:{image['tag']}" == SERVICES["sip"]["image"]
    sip = yaml.safe_load(interpolated(SERVICES["sip"]["environment"]["SIP_CONFIG_BODY"]))
    assert VALUES["sip"]["port"] == sip["sip_port"]
    assert VALUES["sip"]["rtpPorts"] == sip["rtp_port"]
    assert VALUES["sip"]["healthPort"] == sip["health_port"]
    assert VALUES["edge"]["port"] == Settings().sip_port
    assert f"--inside 127.0.0.1:{VALUES['edge']['insidePort']} " in SERVICES["edge-config"]["command"][2]


def test_livekit_sip_is_one_that_survives_malformed_invites() -> None:
    assert version(VALUES["sip"]["image"]["tag"]) >= (1, 9)


def test_the_chart_runs_the_version_of_the_images() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert interpolated(SERVICES["api"]["image"]) == f"{VALUES['image']['repository']}:{chart['appVersion']}"
    assert interpolated(SERVICES["edge"]["image"]) == f"{VALUES['edge']['image']['repository']}:{chart['appVersion']}"


def test_every_pod_is_confined_and_every_container_limited() -> None:
    assert "runAsNonRoot: true" in defined("callcenter.pod")
    assert "seccompProfile: {type: RuntimeDefault}" in defined("callcenter.pod")
    container = defined("callcenter.container")
    for rule in ("readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "capabilities: {drop: [ALL]}"):
        assert rule in container
    for name in WORKLOADS:
        text = TEMPLATES[name]
        assert text.count('include "callcenter.pod"') == text.count("    spec:\n"), name
        images = text.count('include "callcenter.ours"') + text.count("          image: ")
        confined = text.count('include "callcenter.ours"') + text.count('include "callcenter.container"')
        assert confined == images == text.count("          resources:\n") > 0, name


def test_no_other_template_makes_pods() -> None:
    kinds = {name: set(re.findall(r"^kind: (\w+)$", text, re.MULTILINE)) for name, text in TEMPLATES.items()}
    assert {name for name, made in kinds.items() if made & {"Deployment", "DaemonSet", "Job"}} == set(WORKLOADS)


def test_pods_that_carry_calls_or_their_state_are_not_all_evicted_at_once() -> None:
    assert '"api" "router" "attendant" "agent"' in TEMPLATES["disruption.yaml"]
    assert "maxUnavailable: 1" in TEMPLATES["disruption.yaml"]


def test_the_probes_look_at_the_file_that_the_image_names() -> None:
    named = re.search(r"CALLCENTER_PULSE_FILE=(\S+)", DOCKERFILE)
    assert named is not None
    assert f"find {named[1]}.ready " in defined("callcenter.probe.ready")
    assert f"find {named[1]} " in defined("callcenter.probe.alive")


def test_no_database_outage_kills_an_api_that_holds_the_workers_lines() -> None:
    alive = TEMPLATES["api.yaml"].split("livenessProbe:")[1]
    assert "path: /," in alive.split("resources:")[0]
    assert "/healthz" not in alive
    assert "path: /healthz" in TEMPLATES["api.yaml"].split("readinessProbe:")[1]


def test_autoscaling_asks_for_metrics_that_exist() -> None:
    source = (CHART.parents[2] / "callcenter" / "platform" / "api" / "figures.py").read_text()
    for metric in set(re.findall(r"callcenter_\w+", TEMPLATES["autoscaling.yaml"])):
        assert f'"{metric}"' in source
