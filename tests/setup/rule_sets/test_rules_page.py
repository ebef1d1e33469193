"""What docs/routing.md says of rules, and shows an admin to copy, is so."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from callcenter.setup.calendars.rules import CalendarBody
from callcenter.setup.queues.rules import QueueBody
from callcenter.setup.rule_sets.actions import Action, Menu
from callcenter.setup.rule_sets.conditions import When
from callcenter.setup.rule_sets.coverage import check
from callcenter.setup.rule_sets.names import Known
from callcenter.setup.rule_sets.rules import RuleSetBody, parse
from callcenter.setup.rule_sets.wording import ACTIONS
from callcenter.stages.routing.rules import decide
from tests.stages.routing.calls import a_call, taken

pytestmark = pytest.mark.pure

PAGE = (Path(__file__).parents[3] / "docs" / "routing.md").read_text()
SECTION = PAGE.split("## Rules\n", 1)[1].split("\n## ", 1)[0]
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
DEMO = yaml.safe_load((Path(__file__).parents[3] / "callcenter" / "setup" / "demo_company.yaml").read_text())
OFFICE = CalendarBody.model_validate(DEMO["calendars"]["office"])
KNOWN = Known(
    queues={name: QueueBody(profile="shop") for name in ("support", "sales", "invoices")},
    profiles=frozenset({"shop", "trial"}),
    numbers=("+15550100",),
    calendars=frozenset({"office"}),
    lists=frozenset({"vip", "blocked"}),
    skills=frozenset({"german", "technician"}),
)


def example(index: int) -> RuleSetBody:
    body, errors = parse(yaml.safe_load(EXAMPLES[index]))
    assert body is not None, errors
    return body


@pytest.mark.parametrize("index", range(len(EXAMPLES)))
def test_every_example_could_be_published(index: int) -> None:
    assert check(example(index), KNOWN) == []


def test_the_trace_is_that_of_the_page() -> None:
    after_hours = a_call(at=datetime(2026, 11, 20, 17, 42, tzinfo=UTC))
    (shown,) = re.findall(r"^```text\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    assert "\n".join(decide(example(0), after_hours, {"office": OFFICE}).trace) + "\n" == shown


def test_a_key_goes_different_ways_by_hours() -> None:
    for hour, expected in ((12, ("Invoices", "queue")), (22, ("Invoices, closed", "voicemail"))):
        call = a_call(at=datetime(2026, 11, 20, hour, tzinfo=UTC), digits=("2",))
        assert taken(decide(example(3), call, {"office": OFFICE})) == expected


def test_every_condition_and_every_action_with_its_fields_is_on_the_page() -> None:
    fields = {field.alias or name for name, field in When.model_fields.items()}
    assert {name for name in fields if f"`{name}: " not in SECTION} == set()
    for action, shape in ACTIONS.items():
        if action == "widen_skills":
            continue  # of fallbacks alone, where an example shows it
        (row,) = re.findall(rf"^\| `{action}` \|(.*)$", SECTION, re.MULTILINE)
        said = set(ACTIONS["queue"].model_fields) if "as `queue`" in row else {"action"}
        assert {name for name in set(shape.model_fields) - said if f"`{name}`" not in row} == set()


def test_the_numbers_on_the_page_are_those_of_the_code() -> None:
    shown = {name: float(value) for name, value in re.findall(r"`(\w+)` \((\d+)\)", SECTION)}
    coded = {name: field.default for shape in ACTIONS.values() for name, field in shape.model_fields.items()}
    assert shown == {name: coded[name] for name in shown}
    assert set(shown) == {"prefer_seconds", "ask_seconds", "timeout_seconds", "repeats", "max_seconds"}


def test_the_demo_menu_has_the_keys_of_the_contract() -> None:
    demo, _ = parse(yaml.safe_load((Path(__file__).parents[3] / "callcenter/setup/demo_rules.yaml").read_text()))
    assert demo is not None
    action: Action = decide(demo, a_call(to="+15550103"), {}).action
    assert isinstance(action, Menu)
    assert {key: option.name for key, option in action.options.items()} == {
        "1": "Orders", "2": "Invoices", "0": "A person"
    }  # fmt: skip
