"""A short campaign against a stack of its own: the phones, the doors and the checker work together."""

import json
from pathlib import Path

import pytest

from tests.campaign.campaign import Campaign
from tests.campaign.report import violations_in_words

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(240)]


async def test_i1_to_i7_hold_in_a_short_campaign(tmp_path: Path) -> None:
    """A killed job, and webhooks that come twice; the long campaign draws from all faults."""
    report = tmp_path / "report.json"
    campaign = Campaign(4, 19, report, tmp_path / "kept", ("job killed", "webhooks doubled"), phones=2)
    code = await campaign.run()
    rounds = json.loads(report.read_text())["rounds"]
    assert code == 0, violations_in_words(rounds)
    counted = [one for one in rounds if not one["void"]]
    assert sum(one["calls"] for one in counted) == 4
    assert {one["fault"] for one in counted if one["hit"]} == {"job killed", "webhooks doubled"}
