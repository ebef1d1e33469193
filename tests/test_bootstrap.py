"""Setting a checkout up a second time does nothing twice."""

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
