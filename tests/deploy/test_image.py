"""The Dockerfile against the checkout it is built from."""

import re
import tomllib

import pytest

from scripts import bootstrap
from tests.deploy.reading import DOCKERFILE, ROOT, SERVICES, ours, variables_of_settings, version

pytestmark = pytest.mark.pure


def argument(name: str) -> str:
    found = re.search(rf"^ARG {name}=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert found, f"the Dockerfile has no ARG {name} with a default"
    return found[1]


def stages() -> dict[str, str]:
    """The text of each stage by its name."""
    found = re.split(r"^FROM \$\{\w+\} AS (\w+)$", DOCKERFILE, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def test_every_base_is_an_argument_pinned_by_a_version() -> None:
    for name in ("PYTHON_IMAGE", "NODE_IMAGE", "GO_IMAGE", "DEBIAN_IMAGE"):
        assert len(version(argument(name).split(":")[1])) >= 2
    assert len(stages()) == len(re.findall(r"^FROM ", DOCKERFILE, re.MULTILINE))


def test_the_tools_are_those_of_the_checkout() -> None:
    assert f"uv=={argument('UV_VERSION')}" == bootstrap.UV
    assert version(argument("NODE_IMAGE").split(":")[1]) == version(bootstrap.NODE.split("==")[1])
    assert version(argument("GO_IMAGE").split(":")[1]) == version(bootstrap.GO.split("==")[1])
    required = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    low, high = re.fullmatch(r">=([\d.]+),<([\d.]+)", required).groups()  # type: ignore[union-attr]
    assert version(low) <= version(argument("PYTHON_IMAGE").split(":")[1]) < version(high)


def test_the_last_stage_is_ours_runs_as_nobody_special_and_can_be_asked() -> None:
    name, text = list(stages().items())[-1]
    assert name == SERVICES["migrate"]["build"]["target"] == "callcenter"
    user = re.search(r"^USER (\S+)$", text, re.MULTILINE)
    assert user is not None
    assert {service["user"] for service in ours().values()} == {user[1]}
    assert "HEALTHCHECK" in text
    assert "/healthz" in text


def test_the_edge_runs_as_the_one_who_wrote_its_files() -> None:
    user = re.search(r"^USER (\S+)$", stages()["edge"], re.MULTILINE)
    assert user is not None
    assert user[1] == SERVICES["edge"]["user"] == SERVICES["edge-config"]["user"]
    assert '"/data/kamailio.cfg"' in stages()["edge"]
    assert SERVICES["edge"]["volumes"] == ["edge:/data"]
    assert "--out /data " in SERVICES["edge-config"]["command"][2]


def test_the_image_sets_only_settings_that_exist() -> None:
    assert set(re.findall(r"\b(CALLCENTER_\w+)=", DOCKERFILE)) <= variables_of_settings()


def test_everything_that_the_code_finds_beside_itself_is_in_the_image() -> None:
    for folder in ("callcenter", "sip", "migrations"):
        assert f"COPY {folder}/ {folder}/" in stages()["packages"]
        assert (ROOT / folder).is_dir()
    assert "COPY --from=console /build/admin/dist /app/admin/dist" in stages()["callcenter"]


def test_no_secret_and_no_local_data_gets_into_a_build() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    admitted = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE))
    assert admitted == {word.strip("/").split("/")[0] for line in copied for word in line.split()}
    assert {"**/.env", "**/.env.*"} <= set(rules)
