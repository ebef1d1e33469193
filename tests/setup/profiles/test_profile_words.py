"""What changed from one version of a profile to another is said in words, and tools are what the product has."""

import pytest

from callcenter.inroom.agent.tools import TOOLS as SPOKEN
from callcenter.journey.tools import TOOLS as DONE
from callcenter.platform.wire.brief import Endpoint, NamedField
from callcenter.platform.wire.tool_names import TOOLS
from callcenter.setup.profiles.differences import differences
from callcenter.setup.profiles.rules import ProfileBody

pytestmark = pytest.mark.pure

BEFORE = ProfileBody(instructions="Be kind.\n" * 10, greeting="Hello.", tools=("end_call",))


def words(**changes: object) -> list[str]:
    return [found.words for found in differences(BEFORE, BEFORE.model_copy(update=changes))]


def test_equal_versions_have_no_differences() -> None:
    assert words() == []


def test_each_kind_of_field_is_told_in_its_way() -> None:
    assert words(greeting="Good day.") == ["greeting: “Hello.” → “Good day.”"]
    assert words(instructions="Be kind.\n" * 9 + "Be brief.\n") == ["instructions: 1 line new and 1 line gone"]
    assert words(tools=("order_status", "end_call")) == ["tools: with order_status"]
    assert words(max_calls=3) == ["most calls at once: nothing → 3"]
    assert words(llm=Endpoint(model="gpt-4.1-mini", base_url="https://m.example/v1")) == [
        "language model, address: nothing → “https://m.example/v1”"
    ]


def test_every_tool_that_an_agent_has_can_be_chosen() -> None:
    assert set(TOOLS) == set(SPOKEN)
    assert set(DONE) <= set(TOOLS)


def test_noted_fields_are_told_by_their_names() -> None:
    who, what = NamedField(name="Who"), NamedField(name="What", description="in short")
    assert words(fields=(who, what)) == ["noted fields: with Who, What"]
    (found,) = differences(*(BEFORE.model_copy(update={"fields": order}) for order in ((who, what), (what, who))))
    assert found.words == "noted fields: in another order"
