"""Setting a checkout up a second time does nothing twice."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import openai
import pytest
import sqlalchemy

import callcenter

pytestmark = pytest.mark.pure

SCRIPTS = Path(__file__).parents[1] / "scripts"
IDENTITY = "import sys; sys.path.insert(0, sys.argv[1]); import bootstrap; print(bootstrap.installation(sys.argv[2]))"
STEPS_AT_ONCE = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import bootstrap
both_have_begun = threading.Barrier(2)
def work():
    both_have_begun.wait(9)
    return "made"
bootstrap.at_once(bootstrap.Progress(), {"a step with a long name": work, "short": work})
"""


def installation(python: str) -> str:
    command = [sys.executable, "-c", IDENTITY, str(SCRIPTS), python]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_python_is_the_same_by_its_own_name_and_from_the_environment_made_with_it(tmp_path: Path) -> None:
    base = str(getattr(sys, "_base_executable", sys.executable))
    alias = tmp_path / "python-by-another-name"
    alias.symlink_to(Path(base).resolve())
    ours = installation(sys.executable)
    assert sys.base_prefix in ours
    assert installation(base) == ours
    assert installation(str(alias)) == ours


def test_what_is_installed_is_compiled_so_that_no_process_does_it_at_its_start() -> None:
    for module in (sqlalchemy, openai, callcenter):
        assert module.__cached__ is not None
        assert Path(module.__cached__).exists(), f"{module.__name__}: run `make setup`"


def test_a_terminal_names_every_step_that_is_under_way_and_keeps_no_rest_of_another_line() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", STEPS_AT_ONCE, str(SCRIPTS)]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=theirs, check=True, timeout=30)
    os.close(theirs)
    written = os.read(ours, 65536).decode()
    os.close(ours)
    meanwhile = shown(written.partition("✓")[0].rpartition("\r")[0])
    assert meanwhile in (["  … a step with a long name, short"], ["  … short, a step with a long name"])
    assert sorted(shown(written)) == ["  ✓ a step with a long name: made (0.0 s)", "  ✓ short: made (0.0 s)"]


def shown(written: str) -> list[str]:
    """The lines that a terminal shows after this: what a line's new beginning does not cover stays."""
    lines = []
    for line in written.replace("\r\n", "\n").split("\n"):
        cells = ""
        for part in line.split("\r"):
            text = part.removeprefix("\x1b[K")
            cells = text + ("" if part.startswith("\x1b[K") else cells[len(text) :])
        lines.append(cells)
    return [line.rstrip() for line in lines if line.strip()]
