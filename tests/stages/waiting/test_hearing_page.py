"""What docs/routing.md shows an admin to copy of what the caller hears is so."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets.actions import Action
from callcenter.setup.rule_sets.coverage import check
from callcenter.setup.rule_sets.names import Known
from callcenter.setup.rule_sets.rules import parse
from callcenter.stages.waiting.rules import FEWEST, PERIOD_SECONDS, WIDEST

pytestmark = pytest.mark.pure

PAGE = (Path(__file__).parents[3] / "docs" / "routing.md").read_text()
SECTION = PAGE.split("## What the caller hears\n", 1)[1].split("\n## ", 1)[0]
MENU, QUEUE, SOUND = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", SECTION, re.M | re.DOTALL)]


def test_the_menu_could_be_published() -> None:
    known = Known(
        queues={"support": QueueBody(profile="shop")}, profiles=frozenset({"shop"}), numbers=("+15550103",),
    )  # fmt: skip
    body, errors = parse(MENU)
    assert body is not None, errors
    assert check(body, known) == []


def test_the_queue_is_one() -> None:
    (body,) = QUEUE["queues"].values()
    assert QueueBody.model_validate(body).keys["3"].then


def test_the_message_is_one() -> None:
    TypeAdapter(Action).validate_python(SOUND["then"])


def test_the_expected_wait_is_told_on_the_terms_of_the_page() -> None:
    assert (FEWEST, PERIOD_SECONDS, WIDEST) == (3, 30 * 60, 0.75)
    assert "fewer than three such times in the last 30 minutes" in SECTION
