"""What `callcenter restart` says when it cannot go on; that it works is in tests/journeys."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.entrypoints.restart import restart
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def router() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(SLEEPS) as process:
        yield process
        process.kill()


def holding(tmp_path: Path, **router: Any) -> DataFolder:
    """A data folder that looks as if a stack with one router ran on it."""
    folder = DataFolder(tmp_path)
    folder.prepare()
    folder.acquire()
    state = {"name": "router", "replica": 1, "pid": None, "healthy": True, "detail": "", "log": "router.log"}
    folder.state.write_text(json.dumps({"state": "up", "parts": [state | router]}))
    folder.environment.write_text(json.dumps({"CALLCENTER_DRAIN_SECONDS": "0"}))
    return folder


def test_without_a_stack_it_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert restart(Settings(data_dir=tmp_path), None) == 1
    assert "`callcenter up` starts it" in capsys.readouterr().err


def test_an_unknown_part_is_refused_with_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert restart(Settings(data_dir=tmp_path), "postgres") == 1
    assert "expected one of api, router, attendant, agent" in capsys.readouterr().err


def test_a_part_that_does_not_come_back_stops_it_with_the_reason_and_the_log(
    tmp_path: Path, router: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    holding(tmp_path, pid=router.pid, detail="starting")
    assert restart(Settings(data_dir=tmp_path), None, back_seconds=0.3) == 1
    assert "router did not come back: starting (log: router.log), after 0.3 s" in capsys.readouterr().err
    assert router.wait(5) == -15


def test_nothing_is_stopped_while_something_is_ill(
    tmp_path: Path, router: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    holding(tmp_path, pid=router.pid, healthy=False, detail="has stopped reporting to the desk")
    assert restart(Settings(data_dir=tmp_path), None, back_seconds=0.2) == 1
    assert "router 1: has stopped reporting to the desk" in capsys.readouterr().err
    os.kill(router.pid, 0)
