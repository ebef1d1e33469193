"""Rules as a caller meets them, and as an admin publishes them from a file."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from callcenter.platform.embedded.phone.errors import CallRefused
from callcenter.platform.entrypoints.seed import SETUP
from tests.journeys.caller import Callers

pytestmark = pytest.mark.livekit

BLOCKED = "+15551239486"
DEMO = SETUP / "demo_rules.yaml"


def ended(record: dict[str, Any]) -> bool:
    return bool(record["state"] == "ended")


async def test_the_line_that_is_always_closed_says_so_and_hangs_up(callers: Callers) -> None:
    async with callers.ring("+15550101") as caller:
        await caller.call.answered(timeout=5)
        end = await caller.call.ended(timeout=20)
        record = await caller.until(ended)
        said = await caller.transcript()
    assert end.by == "remote"
    assert (record["outcome"], record["routing"]["rule"]) == ("completed", "Second line, closed")
    assert "the calendar has no weekly hours" in record["routing"]["trace"][-1]
    assert any("closed" in segment["text"] for segment in said)


async def test_a_caller_that_a_published_rule_rejects_hears_busy_and_nothing_else(
    callers: Callers, tmp_path: Path
) -> None:
    file = tmp_path / "rules.yaml"
    demo = yaml.safe_load(DEMO.read_text())
    blocked = {"name": "Blocked", "when": {"from": [BLOCKED]}, "then": {"action": "reject"}}
    file.write_text(yaml.safe_dump({"rules": [blocked, *demo["rules"]]}))
    published = callers.stack.run("rules", "publish", str(file))
    assert published.returncode == 0, published.stderr
    try:
        async with callers.ring(from_=BLOCKED) as caller:
            with pytest.raises(CallRefused) as refused:
                await caller.call.answered(timeout=10)
            record = await caller.until(ended)
    finally:
        assert callers.stack.run("rules", "publish", str(DEMO)).returncode == 0
    assert refused.value.status == 486
    assert (record["outcome"], record["ended_by"], record["answered_at"]) == ("refused", "system", None)
    assert record["routing"]["trace"] == [f"rule 1 'Blocked' matched: the caller's number is {BLOCKED}"]


async def test_a_wrong_file_is_refused_with_every_place_that_is_wrong(callers: Callers, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "rules:\n"
        "  - {name: A, then: {action: transfer, number: '+15551230000', trunk: nowhere}}\n"
        "  - {name: A, when: {open: offce}, then: {action: queue, queue: suport}}\n"
    )
    told = callers.stack.run("rules", "validate", str(file))
    assert told.returncode == 1
    for place in ("rules.0.then.trunk", "rules.1.name", "rules.1.when.open", "rules.1.then.queue", "rules.1: "):
        assert place in told.stderr, told.stderr
    assert "an existing calendar: never, office" in told.stderr
