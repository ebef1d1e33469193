"""`python -m sip`: exit codes and what it says when something is wrong."""

import json
from pathlib import Path

import pytest

from sip.cli import main

pytestmark = pytest.mark.pure


@pytest.fixture
def livekit_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LIVEKIT_URL", "ws://127.0.0.1:1")
    monkeypatch.setenv("LIVEKIT_API_KEY", "key")
    monkeypatch.setenv("LIVEKIT_API_SECRET", "a secret that is thirty-two bytes long")
    file = tmp_path / "trunks.yaml"
    file.write_text("inbound: {one: {numbers: [+15550100], authentication: {addresses: [203.0.113.7]}}}")
    return file


def test_wrong_usage_is_not_mistaken_for_changes_pending(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["paln"])
    assert ended.value.code == 1
    assert "plan" in capsys.readouterr().err


def test_missing_settings_are_named(
    livekit_that_is_not_there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LIVEKIT_API_SECRET")
    assert main(["plan", str(livekit_that_is_not_there)]) == 1
    assert "LIVEKIT_API_SECRET" in capsys.readouterr().err


def test_a_livekit_that_does_not_answer_is_an_error_with_its_address(
    livekit_that_is_not_there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["apply", str(livekit_that_is_not_there)]) == 1
    assert "ws://127.0.0.1:1 does not answer" in capsys.readouterr().err


def test_mistakes_come_as_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "trunks.yaml"
    file.write_text("owner: shop\ninbuond: {}\n")
    assert main(["plan", "--json", str(file)]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["line"], problem["field"]) == (2, "inbuond")
