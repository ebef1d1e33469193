"""What we take from others is named by version and checksum, and the lint looks for what attackers look for."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts import sbom

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[1]


def test_every_locked_package_comes_from_its_official_registry_and_has_a_checksum() -> None:
    assert sbom.origins((ROOT / "uv.lock").read_text()) == {"https://pypi.org", "https://files.pythonhosted.org"}
    python = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    for package in python:
        if package["source"] != {"editable": "."}:
            files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
            assert package["source"] == {"registry": "https://pypi.org/simple"}, package["name"]
            assert files, package["name"]
            assert all(file["hash"].startswith("sha256:") for file in files), package["name"]
    console = json.loads((ROOT / "admin/package-lock.json").read_text())["packages"]
    for name, package in console.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert package.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/"), (
                name
            )
    for go_sum in (ROOT / "engine/go.sum", ROOT / ".ci/tools/go.sum"):
        assert all(re.fullmatch(r"\S+ v\S+ h1:\S{44}", line) for line in go_sum.read_text().splitlines())


def test_tools_that_setting_up_fetches_outside_the_locks_are_pinned_to_one_version() -> None:
    bootstrap = (ROOT / "scripts/bootstrap.py").read_text()
    pinned = re.findall(r'^(?:UV|GO|NODE|PGSERVER) = "([^"]+)"', bootstrap, re.MULTILINE)
    assert len(pinned) == 4
    assert all(re.fullmatch(r"[a-z-]+==\d+(\.\d+)+", requirement) for requirement in pinned)


def floats(image: str) -> bool:
    """Whether this image may be another one tomorrow. Variables count with their default."""
    name = re.sub(r"\$\{\w+:?-([^}]*)\}", r"\1", image.strip("\"'"))
    tag = name.rpartition("/")[2].partition(":")[2]
    return "@sha256:" not in name and tag in ("", "latest", "stable", "edge", "master", "main")


def images() -> list[str]:
    """`file: image` for every image that the repository takes from elsewhere."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = []
    for name in listed.stdout.splitlines():
        if Path(name).name.startswith(("Dockerfile", "Containerfile")):
            text = (ROOT / name).read_text()
            own = {"scratch", *re.findall(r"^FROM\s.*\sAS\s+(\S+)", text, re.MULTILINE | re.IGNORECASE)}
            defaults = dict(re.findall(r"^ARG\s+(\w+)=(\S+)", text, re.MULTILINE | re.IGNORECASE))
            for argument, default in defaults.items():
                text = text.replace(f"${{{argument}}}", default)
            taken = re.findall(r"^FROM\s+(?:--\S+\s+)*(\S+)", text, re.MULTILINE | re.IGNORECASE)
            found += [f"{name}: {image}" for image in taken if image not in own]
        elif re.match(r"(docker-)?compose.*\.ya?ml$", Path(name).name):
            taken = re.findall(r"^\s+image:\s*(\S+)", (ROOT / name).read_text(), re.MULTILINE)
            found += [f"{name}: {image}" for image in taken if "callcenter" not in image]
    return found


def test_no_image_is_taken_without_a_version() -> None:
    for loose in ("debian", "debian:latest", "livekit/sip", "host:5000/livekit/sip", "${BASE:-python}"):
        assert floats(loose), loose
    for tight in ("debian:12.8", "livekit/sip:v1.9.0", "${BASE:-postgres:17.2}", "x@sha256:" + "0" * 64):
        assert not floats(tight), tight
    assert [one for one in images() if floats(one.partition(": ")[2])] == []


def movable(workflow: str) -> list[str]:
    """Actions that are not named by a commit: their owner can put something else behind a tag."""
    used = re.findall(r"uses:\s*(\S+)", workflow)
    return [action for action in used if not action.startswith("./") and not re.search(r"@[0-9a-f]{40}$", action)]


def test_no_workflow_uses_an_action_that_somebody_else_can_move() -> None:
    assert movable(f"uses: actions/checkout@v4\nuses: a/b@{'0' * 40}\nuses: ./own") == ["actions/checkout@v4"]
    for workflow in (ROOT / ".github").rglob("*.y*ml"):
        assert movable(workflow.read_text()) == [], workflow.name


SMELLS = {
    "S602": "import subprocess\nsubprocess.run('ls ' + input(), shell=True)\n",
    "S301": "import pickle\npickle.loads(input().encode())\n",
    "S506": "import yaml\nyaml.load(input(), Loader=yaml.Loader)\n",
    "S608": "def q(name: str) -> str:\n    return f\"SELECT * FROM calls WHERE name = '{name}'\"\n",
    "S105": "password = 'hunter2hunter2'\n",
    "S501": "import httpx\nhttpx.get('https://x', verify=False)\n",
    "S324": "import hashlib\nhashlib.md5(b'')\n",
    "S104": "import socket\nsocket.socket().bind(('0.0.0.0', 1))\n",
    "S113": "import requests\nrequests.get('https://x')\n",
    "S108": "open('/tmp/known-name', 'w')\n",
}


@pytest.mark.parametrize("folder", ["callcenter", "sip", "scripts", "migrations"])
def test_the_lint_sees_what_bandit_would_see_in_every_folder_that_runs(folder: str) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    for rule, code in SMELLS.items():
        done = subprocess.run(
            [ruff, "check", "--no-cache", "--output-format", "json", "--stdin-filename", f"{folder}/planted.py", "-"],
            input=code, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert rule in {one["code"] for one in json.loads(done.stdout)}, f"{rule} in {folder}"
