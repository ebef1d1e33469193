"""The examples of docs/routing.md, section Voicemail, are rules that an admin can copy."""

import re
from pathlib import Path

import pytest
import yaml

from callcenter.setup.rule_sets import rules

pytestmark = pytest.mark.pure


def test_the_examples_are_valid_rule_sets() -> None:
    page = (Path(__file__).parents[2] / "docs" / "routing.md").read_text()
    section = page.split("## Voicemail\n", 1)[1].split("\n## ", 1)[0]
    examples = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert examples
    for example in examples:
        body, errors = rules.parse(yaml.safe_load(example))
        assert errors == []
        assert body is not None
