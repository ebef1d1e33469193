"""What is kept of a call's routing says the facts again, and tells what was not looked up from what was empty."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.setup.rule_sets.actions import Reject
from callcenter.stages.routing.facts import Decision, Facts, QueueFigures
from callcenter.stages.routing.kept import LOOKED_UP, decided, gaps, keep, known
from callcenter.stages.routing.needs import NOTHING, Needs

pytestmark = pytest.mark.pure

ARRIVED = datetime(2026, 11, 20, 17, 42, tzinfo=UTC)
REJECTED = Decision(1, "No", Reject(action="reject"))
EVERYTHING = Needs(frozenset(LOOKED_UP) | {"queue"}, frozenset(), frozenset({"support", "gone"}))
CALL: dict[str, Any] = {"to": "+15550100", "from_": "+4930111", "call_id": "c1"}

texts = st.text(max_size=5)
figures = st.builds(
    QueueFigures, waiting=st.integers(0, 99), free_seats=st.integers(0, 99),
    expected_wait_seconds=st.none() | st.integers(0, 900), supervisors=st.integers(0, 9),
)  # fmt: skip
facts = st.builds(
    lambda **fields: Facts(**CALL, **fields), entered=st.booleans(),
    at=st.sampled_from([ARRIVED, ARRIVED + timedelta(seconds=30.5)]), language=st.none() | texts,
    headers=st.dictionaries(texts, texts, max_size=2),
    digits=st.lists(st.sampled_from("0123*#"), max_size=3).map(tuple),
    digits_at=st.lists(st.integers(0, 900), max_size=3).map(tuple),
    waited_seconds=st.integers(0, 900), attributes=st.dictionaries(texts, texts, max_size=2),
    lists=st.frozensets(texts, max_size=3), last_queue=st.none() | texts, last_profile=st.none() | texts,
    open_call_back=st.booleans(), queues=st.just({}) | st.fixed_dictionaries({"support": figures}),
)  # fmt: skip


@given(facts)
def test_facts_that_were_looked_up_come_back_from_json_as_they_were(of_call: Facts) -> None:
    kept = json.loads(json.dumps(keep(of_call, EVERYTHING, REJECTED, ARRIVED)))
    assert Facts(**{"at": ARRIVED, **known(kept["facts"]), **CALL}) == of_call
    assert gaps(kept["facts"], LOOKED_UP.items(), EVERYTHING.queues) == []
    assert str(decided(kept)) == "reject"


def test_a_call_of_which_nothing_was_looked_up_is_kept_in_a_few_bytes() -> None:
    plain = keep(Facts(**CALL, entered=False, at=ARRIVED), NOTHING, REJECTED, ARRIVED)
    assert plain == {"facts": {}, "decision": {"action": "reject"}}
    assert gaps({}, LOOKED_UP.items(), {"support"}) == [*LOOKED_UP, "queue"]


def test_a_queue_that_was_not_asked_about_is_a_gap_and_one_that_did_not_exist_is_none() -> None:
    plain = keep(Facts(**CALL, entered=False, at=ARRIVED), EVERYTHING, REJECTED, ARRIVED)["facts"]
    assert gaps(plain, (), {"support", "gone"}) == []
    assert gaps(plain, (), {"orders"}) == ["queue"]
