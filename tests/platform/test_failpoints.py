"""A process dies where a test wants it to, and only there and once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from callcenter.platform.embedded.environments import FAILPOINTS, environments
from callcenter.platform.plumbing import failpoints

pytestmark = pytest.mark.pure

PROGRAM = (
    "from callcenter.platform.plumbing.failpoints import reached; reached('other'); reached('here'); print('lives on')"
)


def run(folder: Path | None) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != failpoints.VARIABLE}
    if folder is not None:
        environment[failpoints.VARIABLE] = str(folder)
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False, timeout=30
    )


def test_a_process_dies_at_the_point_that_is_asked_for_and_the_next_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    assert run(tmp_path).returncode == -signal.SIGKILL
    assert run(tmp_path).stdout == "lives on\n"


def test_without_the_variable_nobody_dies(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    assert run(None).stdout == "lives on\n"
    assert (tmp_path / "here").exists()


def test_only_the_control_plane_is_told_of_failpoints() -> None:
    told = environments({}, {FAILPOINTS: "/points"}, "generated", ())
    assert failpoints.VARIABLE == FAILPOINTS
    assert told.control[FAILPOINTS] == "/points"
    for other in (told.engine, told.trunks, told.model_server, told.attendant, told.agent):
        assert FAILPOINTS not in other
