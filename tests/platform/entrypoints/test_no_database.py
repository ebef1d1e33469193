"""What commands say while the stack, and so its database, is down."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.stack import CALLCENTER, without_settings

pytestmark = pytest.mark.pure

NOBODY_LISTENS = "postgresql://127.0.0.1:1/none"
RULES = str(Path(__file__).parents[3] / "callcenter" / "setup" / "demo_rules.yaml")


@pytest.mark.parametrize(
    "command",
    [("key", "add", "--role", "admin"), ("rules", "validate", RULES), ("demo-call",), ("migrate",)],
    ids=lambda words: words[0],
)
def test_a_command_without_its_database_says_so_in_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    environment = {**without_settings(os.environ), "DATABASE_URL": NOBODY_LISTENS}
    done = subprocess.run(
        [*CALLCENTER, *command], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("callcenter: no connection to the database: ")
    assert "port 1 failed: Connection refused" in done.stderr
    assert "`callcenter up`" in done.stderr
    assert done.stderr.count("\n") == 1
