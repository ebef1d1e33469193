"""What a campaign draws, reads and reports."""

import json
from pathlib import Path

import pytest

from tests.campaign.history import (
    Hook,
)
from tests.campaign.phrases import GREETING
from tests.campaign.plan import FAULTS, draw
from tests.campaign.proxies import hook_of
from tests.campaign.report import main, percentile, table
from tests.campaign.words import is_in

pytestmark = pytest.mark.pure

ROOM = "call-1"


def test_words_may_differ_a_little_but_not_much() -> None:
    assert is_in("Your order 4711 is shipped.", "Hello. Your order 4711 is shipped. Shipped yesterday.")
    assert is_in("where is my order 4711", "where is order 4711")
    assert not is_in("where is my order 4711", "where is my parcel")
    assert not is_in(GREETING, "")


def test_a_webhook_is_read_as_livekit_writes_it() -> None:
    value = {
        "event": "track_published", "id": "EV_1", "room": {"name": ROOM},
        "participant": {"identity": "agent-a"}, "track": {"sid": "TR_a", "source": "MICROPHONE"},
    }  # fmt: skip
    assert hook_of(value, 5.0) == Hook(5.0, "track_published", ROOM, "agent-a", "", "TR_a", audio=True)
    value["track"] = {"sid": "TR_v", "type": "VIDEO"}
    assert not hook_of(value, 5.0).audio


def test_the_same_seed_draws_the_same_campaign_and_every_fault_comes_as_often() -> None:
    blocks = draw(500, 7)
    assert blocks == draw(500, 7)
    assert blocks != draw(500, 8)
    rounds = [one for block in blocks for one in block.rounds]
    counts = [sum(one.fault == fault for one in rounds) for fault in FAULTS]
    assert sum(len(one.scripts) for one in rounds) == 500
    assert max(counts) - min(counts) <= 1
    assert {block.routers for block in blocks} == {1, 2, 5}


def test_reports_of_several_runs_make_one_table_and_violations_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = {"fault": "job killed", "hit": True, "calls": 5, "violations": [], "recoveries": [0.5, 1.5]}
    (tmp_path / "a.json").write_text(json.dumps({"rounds": [one]}))
    (tmp_path / "b.json").write_text(json.dumps({"rounds": [{**one, "recoveries": [2.5]}]}))
    assert main([str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    assert "| job killed | 2 | 10 | 0 | 3 | 1.50 | 2.50 | 2.50 |" in capsys.readouterr().out
    (tmp_path / "b.json").write_text(json.dumps({"rounds": [{**one, "violations": [{}]}]}))
    assert main([str(tmp_path / "b.json")]) == 1
    assert "nothing hit" in table([{**one, "hit": False}])


def test_a_round_in_which_the_machine_held_the_phones_up_counts_for_nothing(tmp_path: Path) -> None:
    one = {"fault": "job killed", "hit": True, "calls": 5, "violations": [{}], "recoveries": [9.0], "void": True}
    (tmp_path / "a.json").write_text(json.dumps({"rounds": [one]}))
    assert main([str(tmp_path / "a.json")]) == 0
    assert "| all | 0 | 0 | 0 | 0 | – | – | – |\n| void | 1 | 5 |" in table([one])


def test_percentiles_are_values_that_were_measured() -> None:
    assert [percentile([3.0, 1.0, 2.0], share) for share in (0.5, 0.95, 1.0)] == [2.0, 3.0, 3.0]
