"""docker-compose.yml against the code it runs. Docker itself is not asked."""

import re
from typing import Any

import pytest
import typer.main
import yaml

from callcenter.platform.embedded import environments
from callcenter.platform.embedded.livekit import MEDIA_TIMEOUT, ROOM_DEPARTURE_SECONDS, ROOM_EMPTY_SECONDS, SIGNAL_RETRY
from callcenter.platform.entrypoints.cli import app
from callcenter.platform.entrypoints.wiring import MIN_SECRET_LENGTH
from callcenter.platform.wire.settings import Settings
from tests.deploy.reading import (
    COMPOSE,
    COMPOSE_TEXT,
    DOCKERFILE,
    NOT_SETTINGS,
    ROOT,
    SERVICES,
    asked_for,
    interpolated,
    ours,
    seconds,
    variables_of_settings,
    version,
)

pytestmark = pytest.mark.pure

END_BY_THEMSELVES = {"migrate", "trunks", "user", "seed", "edge-config"}
ROOT_INSIDE = {"caddy"}  # the reason stands beside it in the file
SIP_ADDRESS = "192.0.2.10"


def everywhere(*exceptions: str) -> list[str]:
    return sorted(set(SERVICES) - set(exceptions))


@pytest.mark.parametrize("name", sorted(ours()))
def test_every_variable_is_one_that_somebody_reads(name: str) -> None:
    told = set(ours()[name].get("environment", {}))
    assert told <= variables_of_settings() | NOT_SETTINGS | {"SIP_ADDRESS"}


def test_those_in_the_room_are_told_what_the_supervisor_tells_them_and_no_more() -> None:
    models = {"OPENAI_API_KEY", "OPENAI_BASE_URL"}
    in_image = {"CALLCENTER_DATA_DIR"}
    assert set(SERVICES["attendant"]["environment"]) == {*environments.ATTENDANT, *models} - in_image
    assert set(SERVICES["agent"]["environment"]) == {*environments.AGENT, *models} - in_image
    assert set(SERVICES["trunks"]["environment"]) == {*environments.LIVEKIT, "CALLCENTER_SIP_BEHIND_EDGE"}


def test_only_those_who_work_with_the_database_are_in_its_network() -> None:
    inside = {name for name, service in SERVICES.items() if "data" in service.get("networks", [])}
    assert inside == {"postgres", "migrate", "user", "seed", "api", "router"}
    assert COMPOSE["networks"]["data"]["internal"] is True


@pytest.mark.parametrize("name", sorted(ours()))
def test_every_command_exists(name: str) -> None:
    command = ours()[name]["command"]
    if command[0] != "callcenter":
        return
    found: Any = typer.main.get_command(app)
    for word in command[1:]:
        if word.startswith("--"):
            break
        assert word in found.commands, command
        found = found.commands[word]
        if not hasattr(found, "commands"):
            break


def test_the_agent_runs_as_its_own_main_module() -> None:
    assert SERVICES["agent"]["command"] == ["python", "-m", "callcenter.platform.entrypoints.agent"]


@pytest.mark.parametrize("name", everywhere())
def test_every_image_is_pinned_by_a_version(name: str) -> None:
    image = interpolated(SERVICES[name]["image"])
    assert len(version(image.rsplit(":", 1)[1])) >= 2


def test_the_engine_is_the_one_that_the_tests_run_and_a_livekit_sip_that_survives_malformed_invites() -> None:
    built = re.search(r"livekit/livekit-server (v[\d.]+)", (ROOT / "engine" / "go.mod").read_text())
    assert built is not None
    assert SERVICES["livekit"]["image"] == f"livekit/livekit-server:{built[1]}"
    assert version(SERVICES["sip"]["image"].split(":")[1]) >= (1, 9)


@pytest.mark.parametrize("name", ["attendant", "agent"])
def test_a_worker_is_killed_at_least_a_minute_after_it_has_handed_its_calls_over(name: str) -> None:
    drain = int(SERVICES[name]["environment"]["CALLCENTER_DRAIN_SECONDS"])
    assert drain == Settings().drain_seconds
    assert drain >= int(SERVICES["api"]["environment"]["CALLCENTER_MAX_CALL_SECONDS"])
    assert seconds(SERVICES[name]["stop_grace_period"]) >= drain + 60


@pytest.mark.parametrize("name", ["livekit", "sip"])
def test_the_engine_may_wait_for_the_longest_call(name: str) -> None:
    assert seconds(SERVICES[name]["stop_grace_period"]) > Settings().max_call_seconds


@pytest.mark.parametrize("name", everywhere())
def test_no_service_can_write_to_its_root_or_gain_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert ("cap_add" in service) == (name in ROOT_INSIDE)
    assert "mem_limit" in service


@pytest.mark.parametrize("name", everywhere(*ROOT_INSIDE))
def test_nobody_is_root(name: str) -> None:
    assert int(str(SERVICES[name]["user"]).split(":")[0]) > 0


@pytest.mark.parametrize("name", everywhere())
def test_whoever_stays_is_asked_whether_it_works(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check == {"disable": True} if name in END_BY_THEMSELVES else check["test"][0] in ("CMD", "CMD-SHELL")


def test_the_checks_look_at_the_file_that_the_image_names() -> None:
    named = re.search(r"CALLCENTER_PULSE_FILE=(\S+)", DOCKERFILE)
    assert named is not None
    for name in ("router", "attendant", "agent"):
        assert f"find {named[1]}.ready " in SERVICES[name]["healthcheck"]["test"][1]
        assert any(mount.startswith("/tmp:") for mount in SERVICES[name]["tmpfs"])


def test_two_attendants_run_because_one_alone_leaves_its_callers_in_silence() -> None:
    assert SERVICES["attendant"]["deploy"]["replicas"] >= 2


def test_only_caddy_is_published_beyond_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    beyond = {name for name, ports in published.items() if not all(port.startswith("127.0.0.1:") for port in ports)}
    assert beyond == {"caddy"}
    on_host = {name for name, service in SERVICES.items() if service.get("network_mode") == "host"}
    assert on_host == {"livekit", "sip", "edge"}


def test_livekit_is_set_up_as_the_operations_page_asks() -> None:
    config = yaml.safe_load(interpolated(SERVICES["livekit"]["environment"]["LIVEKIT_CONFIG"]))
    assert config["signal_relay"] == {"retry_timeout": SIGNAL_RETRY}
    assert config["room"]["departure_timeout"] == ROOM_DEPARTURE_SECONDS
    assert config["room"]["empty_timeout"] == ROOM_EMPTY_SECONDS
    port = Settings().http_port
    assert config["webhook"]["urls"] == [f"http://127.0.0.1:{port}/livekit/webhook"]
    assert f"127.0.0.1:{port}:{port}" in SERVICES["api"]["ports"]
    gateway = COMPOSE["networks"]["desk"]["ipam"]["config"][0]["gateway"]
    assert gateway in config["bind_addresses"]
    for name in ("api", "router", "trunks"):
        assert SERVICES[name]["environment"]["LIVEKIT_URL"] == f"ws://livekit:{config['port']}"
    for name in ("api", "router", "trunks", "attendant", "agent"):  # these two go where the api tells them
        assert SERVICES[name]["extra_hosts"] == [f"livekit:{gateway}"]


def test_livekits_trunks_outlive_a_restart_of_redis() -> None:
    assert "--appendonly yes" in SERVICES["redis"]["command"][2]
    assert "redis:/data" in SERVICES["redis"]["volumes"]


def test_livekit_sip_speaks_with_the_edge_alone() -> None:
    config = yaml.safe_load(interpolated(SERVICES["sip"]["environment"]["SIP_CONFIG_BODY"], SIP_ADDRESS=SIP_ADDRESS))
    command = interpolated(SERVICES["edge-config"]["command"][2], SIP_ADDRESS=SIP_ADDRESS)
    assert (config["listen_ip"], config["nat_1_to_1_ip"]) == ("127.0.0.1", "127.0.0.1")
    assert f"--node 127.0.0.1:{config['sip_port']} " in command
    inside = re.search(r"--inside (\S+)", command)
    assert inside is not None
    assert SERVICES["trunks"]["environment"]["CALLCENTER_SIP_BEHIND_EDGE"] == inside[1].split(":")[0]
    assert f'--listen "$SIP_ADDRESS:{Settings().sip_port}"' in command
    assert "--advertise" not in command
    assert config["media_nat_1_to_1_ip"] == SIP_ADDRESS
    assert config["media_timeout"] == MEDIA_TIMEOUT


def test_to_dial_out_livekit_sip_gets_an_address_of_its_own_that_the_edge_knows() -> None:
    own = {"SIP_ADDRESS": SIP_ADDRESS, "SIP_NODE_ADDRESS": SIP_ADDRESS}
    config = yaml.safe_load(interpolated(SERVICES["sip"]["environment"]["SIP_CONFIG_BODY"], **own))
    assert (config["listen_ip"], config["nat_1_to_1_ip"]) == (SIP_ADDRESS, SIP_ADDRESS)
    assert f"--node {SIP_ADDRESS}:{config['sip_port']} " in interpolated(SERVICES["edge-config"]["command"][2], **own)
    behind = yaml.safe_load(
        interpolated(SERVICES["sip"]["environment"]["SIP_CONFIG_BODY"], **own, SIP_NODE_PUBLIC_ADDRESS="198.51.100.4")
    )
    assert (behind["listen_ip"], behind["nat_1_to_1_ip"]) == (SIP_ADDRESS, "198.51.100.4")


def test_a_public_address_is_told_to_carriers_by_signalling_and_media() -> None:
    known = {"SIP_ADDRESS": SIP_ADDRESS, "PUBLIC_ADDRESS": "203.0.113.7"}
    assert "--advertise 203.0.113.7:5060 " in interpolated(SERVICES["edge-config"]["command"][2], **known)
    config = yaml.safe_load(interpolated(SERVICES["sip"]["environment"]["SIP_CONFIG_BODY"], **known))
    assert config["media_nat_1_to_1_ip"] == "203.0.113.7"


def test_the_example_lists_every_variable_and_leaves_open_exactly_what_must_be_given() -> None:
    example = (ROOT / "deploy" / ".env.example").read_text()
    asked = asked_for(COMPOSE_TEXT)
    assert set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE)) == set(asked)
    given = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert given == {name for name, kind in asked.items() if kind == "?"}


def test_the_example_asks_for_secrets_as_long_as_the_processes_do() -> None:
    example = (ROOT / "deploy" / ".env.example").read_text()
    assert f"CALLCENTER_DESK_SECRET=       # {MIN_SECRET_LENGTH} characters or more" in example


def test_every_file_of_ours_that_is_mounted_is_there() -> None:
    mounted = {m.split(":")[0] for s in SERVICES.values() for m in s.get("volumes", []) if m.startswith("./")}
    assert {"./deploy/monitoring/alerts.yml", "./deploy/monitoring/grafana-board.json"} <= mounted
    assert [path for path in mounted if not (ROOT / path).exists()] == []


def test_caddy_keeps_the_doors_of_our_own_processes_shut() -> None:
    text = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text()
    shut = re.search(r"@inside path (.+)\n\s+respond @inside 404", text)
    assert shut is not None
    assert {"/metrics", "/desk", "/desk/*", "/livekit/*"} <= set(shut[1].split())
    caddy = SERVICES["caddy"]["networks"]["desk"]["ipv4_address"]
    assert SERVICES["api"]["environment"]["FORWARDED_ALLOW_IPS"] == caddy


def ports_in_use() -> set[str]:
    """Every port that the compose file opens on the machine."""
    livekit = yaml.safe_load(interpolated(SERVICES["livekit"]["environment"]["LIVEKIT_CONFIG"]))
    sip = yaml.safe_load(interpolated(SERVICES["sip"]["environment"]["SIP_CONFIG_BODY"]))
    edge = re.findall(r"--(?:listen|inside) \S+:(\d+)", interpolated(SERVICES["edge-config"]["command"][2]))
    published = [
        port.split("/")[0].split(":")[-2] for service in SERVICES.values() for port in service.get("ports", [])
    ]
    ours_alone = (livekit["port"], livekit["prometheus_port"], livekit["rtc"]["tcp_port"], livekit["rtc"]["udp_port"])
    theirs = (sip["sip_port"], sip["health_port"], sip["prometheus_port"], *sip["rtp_port"].split("-"))
    return {*published, *edge, *map(str, ours_alone), *map(str, theirs)}


def test_the_firewall_table_lists_exactly_the_ports_that_are_opened() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text()
    table = page.split("## Ports and firewall\n", 1)[1].split("\n\n", 1)[0]
    listed = {port for row in table.splitlines()[2:] for port in re.findall(r"\b\d{2,5}\b", row.split("|")[1])}
    assert listed == ports_in_use()


def test_the_ports_are_those_of_the_operations_page() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    for variable in ("CALLCENTER_HTTP_PORT", "CALLCENTER_SIP_PORT"):
        named = re.search(rf"`{variable}` (\d+)", page)
        assert named is not None
        assert named[1] in ports_in_use()
