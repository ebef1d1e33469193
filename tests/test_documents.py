"""Documents that would otherwise drift away from the code."""

import re
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

import pytest

from callcenter.platform.wire.settings import Settings
from callcenter.records.calls.model import TRANSITIONS
from callcenter.records.voicemails.model import VOICEMAIL_TRANSITIONS
from callcenter.setup.rule_sets.model import RULE_SET_TRANSITIONS
from callcenter.stages.callbacks.model import CALL_BACK_TRANSITIONS
from callcenter.stages.escalation.model import (
    ESCALATION_OFFER_TRANSITIONS,
    ESCALATION_TRANSITIONS,
    SUPERVISION_TRANSITIONS,
)
from callcenter.stages.learning.model import LESSON_TRANSITIONS, TASK_TRANSITIONS
from callcenter.stages.offers.model import OFFER_TRANSITIONS, WORKER_TRANSITIONS
from callcenter.stages.outbound.model import CALL_OUT_TRANSITIONS
from callcenter.stages.waiting.model import WAITING_TRANSITIONS

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[1]
MACHINES: dict[str, Mapping[Any, Set[Any]]] = {
    "Call": TRANSITIONS,
    "Offer": OFFER_TRANSITIONS,
    "Waiting entry": WAITING_TRANSITIONS,
    "Call out": CALL_OUT_TRANSITIONS,
    "Worker": WORKER_TRANSITIONS,
    "Rule set": RULE_SET_TRANSITIONS,
    "Voicemail": VOICEMAIL_TRANSITIONS,
    "Call-back": CALL_BACK_TRANSITIONS,
    "Escalation": ESCALATION_TRANSITIONS,
    "Escalation offer": ESCALATION_OFFER_TRANSITIONS,
    "Supervision": SUPERVISION_TRANSITIONS,
    "Lesson": LESSON_TRANSITIONS,
    "Lesson task": TASK_TRANSITIONS,
}


def drawn(heading: str) -> set[tuple[str, str]]:
    """The arrows under this heading of docs/states.md, without the one from nowhere."""
    page = (ROOT / "docs" / "states.md").read_text()
    section = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\s+(\w+) --> (\w+)$", section, re.MULTILINE))


@pytest.mark.parametrize("name", MACHINES)
def test_the_states_page_draws_exactly_the_transitions_of_the_code(name: str) -> None:
    coded = {(str(before), str(after)) for before, targets in MACHINES[name].items() for after in targets}
    assert drawn(name) == coded


def test_every_state_machine_is_drawn() -> None:
    headings = set(re.findall(r"^## (.+)$", (ROOT / "docs" / "states.md").read_text(), re.MULTILINE))
    assert headings == set(MACHINES)


def test_the_example_environment_lists_every_setting_and_no_other() -> None:
    listed = set(re.findall(r"^#?\s*([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    prefix = str(Settings.model_config["env_prefix"])
    fields = Settings.model_fields.items()
    known = {
        str(field.validation_alias.choices[0])  # type: ignore[union-attr]
        if field.validation_alias is not None
        else (prefix + name).upper()
        for name, field in fields
    }
    trunks = set(re.findall(r"\$\{(\w+)\}", (ROOT / "sip" / "demo.yaml").read_text()))
    assert listed == known | trunks


def test_every_path_that_the_journey_page_names_exists() -> None:
    page = (ROOT / "docs" / "journey.md").read_text()
    paths = re.findall(r"`((?:callcenter|sip|migrations|admin|tests|engine)/[\w/.]+)`", page)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
