"""A rule set that cannot be read: every error names the field as it stands in the file, and what would be right."""

import time
from typing import Any

import pytest

from callcenter.setup.rule_sets.rules import RuleSetBody, parse
from callcenter.setup.rule_sets.wording import MOST_ERRORS

pytestmark = pytest.mark.pure

TO_SUPPORT = {"action": "queue", "queue": "support"}
E164 = "a number in E.164 form, such as '+15550100' (in quotes)"
DAYS = "Input should be 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun'"
IN_QUOTES = "text (in quotes, where YAML would read a number, yes or no)"


def one(when: Any = None, then: Any = None, **more: Any) -> dict[str, Any]:
    return {"rules": [{"name": "A", "when": when or {}, "then": then or TO_SUPPORT, **more}]}


def menu(**options: Any) -> dict[str, Any]:
    return {"action": "menu", "prompt": "Press 1.", "options": options, "otherwise": {"action": "reject"}}


def first_error(data: Any) -> tuple[str, Any, str]:
    body, found = parse(data)
    assert body is None
    return found[0].field, found[0].value, found[0].expected


@pytest.mark.parametrize(
    ("when", "field", "value", "expected"),
    [
        ({"to": "0100"}, "to", "0100", "a list"),
        ({"to": ["555"]}, "to.0", "555", E164),
        ({"to": [15550100]}, "to.0", 15550100, E164),
        ({"from": ["anonymous"]}, "from.0", "anonymous", E164),
        ({"from_prefix": ["0049"]}, "from_prefix.0", "0049",
         "the beginning of a number, with its country code, such as '+49' (in quotes)"),
        ({"from_country": [False]}, "from_country.0", False,
         "a country's two letters (ISO 3166), such as 'DE' (in quotes, for YAML reads NO as no)"),
        ({"from_country": ["Germany"]}, "from_country.0", "Germany",
         "a country's two letters (ISO 3166), such as 'DE' (in quotes, for YAML reads NO as no)"),
        ({"anonymous": "sometimes"}, "anonymous", "sometimes",
         "Input should be a valid boolean, unable to interpret input"),
        ({"in_list": []}, "in_list", "list", "Tuple should have at least 1 item after validation, not 0"),
        ({"in_list": "vip"}, "in_list", "vip", "a list"),
        ({"attribute": ["tier"]}, "attribute", "list", "a mapping of fields"),
        ({"attribute": {"tier": "gold"}}, "attribute.tier", "gold", "a list"),
        ({"header": {"X-Tenant": [7]}}, "header.X-Tenant.0", 7, IN_QUOTES),
        ({"open": 8}, "open", 8, IN_QUOTES),
        ({"weekday": {"days": ["Monday"], "zone": "UTC"}}, "weekday.days.0", "Monday", DAYS),
        ({"weekday": {"days": ["mon"]}}, "weekday.zone", None, "this field"),
        ({"weekday": ["mon"]}, "weekday", "list", "a mapping of fields"),
        ({"weekday": {"days": ["mon"], "zone": "UTC", "hours": 8}}, "weekday.hours", 8,
         "no such field; `weekday` knows days, zone"),
        ({"language": ["deutsch!"]}, "language.0", "deutsch!", "a language tag, such as 'de' or 'de-AT'"),
        ({"digits": [1]}, "digits.0", 1, "keys, such as '1' or '2#' (in quotes)"),
        ({"digits": ["a"]}, "digits.0", "a", "keys, such as '1' or '2#' (in quotes)"),
        ({"waited_seconds": 60}, "waited_seconds", 60, "a mapping of fields"),
        ({"waited_seconds": {}}, "waited_seconds", "dict", "at_least, below, or both"),
        ({"waited_seconds": {"at_least": 60, "below": 30}}, "waited_seconds", "dict",
         "at_least below 30, for it has to be less than `below`"),
        ({"waited_seconds": {"over": 60}}, "waited_seconds.over", 60,
         "no such field; `waited_seconds` knows at_least, below"),
        ({"queue": {"name": "support"}}, "queue", "dict",
         "one of waiting, free_seats, expected_wait_seconds, supervisors besides the name"),
        ({"queue": {"name": "support", "waiting": {"at_least": -1}}}, "queue.waiting.at_least", -1,
         "Input should be greater than or equal to 0"),
        ({"share": {"percent": 120, "of": "trial"}}, "share.percent", 120,
         "Input should be less than or equal to 100"),
        ({"share": {"percent": 10}}, "share.of", None, "this field"),
        ({"any": [{"tow": []}]}, "any.0.tow", "list", None),
        ({"all": []}, "all", "list", "Tuple should have at least 1 item after validation, not 0"),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_named_with_what_would_be_right(
    when: Any, field: str, value: Any, expected: str | None
) -> None:
    found = first_error(one(when))
    assert found[:2] == (f"rules.0.when.{field}", value)
    if expected is None:
        assert found[2].startswith("no such field; `any` knows to, from, from_prefix,")
    else:
        assert found[2] == expected


@pytest.mark.parametrize(
    ("then", "field", "value", "expected"),
    [
        ({"action": "queue"}, "queue", None, "this field"),
        ({"action": "dance"}, "", "dance",
         "action: one of queue, human_first, menu, message, voicemail, call_back, transfer, reject"),
        ({"queue": "support"}, "", None,
         "action: one of queue, human_first, menu, message, voicemail, call_back, transfer, reject"),
        (TO_SUPPORT | {"priority": 101}, "priority", 101, "Input should be less than or equal to 100"),
        (TO_SUPPORT | {"skills": []}, "skills", "list",
         "no such field; `queue` knows queue, profile, priority, required_skills, preferred_skills, prefer_seconds, "
         "fallbacks, action"),
        (TO_SUPPORT | {"required_skills": "german"}, "required_skills", "german", "a list"),
        (TO_SUPPORT | {"fallbacks": [{"after_seconds": 0, "then": TO_SUPPORT}]}, "fallbacks.0.after_seconds", 0,
         "Input should be greater than 0"),
        (TO_SUPPORT | {"fallbacks": [{"after_seconds": 9, "then": {"action": "reject"}}]}, "fallbacks.0.then",
         "reject", "action: one of queue, message, voicemail, call_back, transfer, widen_skills"),
        (TO_SUPPORT | {"fallbacks": [{"after_seconds": 9, "then": {"action": "widen_skills", "drop": "some"}}]},
         "fallbacks.0.then.drop", "some", "'all', or a list of skills"),
        (TO_SUPPORT | {"fallbacks": [{"after": 9, "then": TO_SUPPORT}]}, "fallbacks.0.after_seconds", None,
         "this field"),
        ({"action": "message", "text": ""}, "text", "", "some text"),
        ({"action": "message", "text": "Hi.", "outcome": "lost"}, "outcome", "lost",
         "Input should be 'completed' or 'refused'"),
        (menu(), "options", "dict", "Dictionary should have at least 1 item after validation, not 0"),
        (menu(**{"12": {"name": "Orders"}}), "options.12", "12", "a key from '0' to '9', '*' or '#' (in quotes)"),
        (menu(**{"1": {"title": "Orders", "name": "Orders"}}), "options.1.title", "Orders",
         "no such field; each of `options` knows name, say, then"),
        (menu(**{"1": {"name": "Orders", "then": {"action": "queue"}}}), "options.1.then.queue", None, "this field"),
        (menu(**{"1": {"name": "Orders"}}) | {"otherwise": None}, "otherwise", None, None),
        ({"action": "voicemail"}, "box", None, "this field"),
        ({"action": "transfer", "number": "0123"}, "number", "0123", E164),
        ({"action": "reject", "status": 603}, "status", 603, "no such field; `reject` knows action"),
        ({"action": "human_first", "queue": "support", "ask_seconds": 0}, "ask_seconds", 0,
         "Input should be greater than 0"),
    ],
)  # fmt: skip
def test_a_wrong_action_is_named_with_what_would_be_right(
    then: Any, field: str, value: Any, expected: str | None
) -> None:
    found = first_error(one(then=then))
    assert found[:2] == (f"rules.0.then.{field}".rstrip("."), value)
    assert expected is None or found[2] == expected


def test_a_key_that_yaml_read_as_a_number_is_to_be_put_in_quotes() -> None:
    options = {1: {"name": "Orders"}}
    expected = ("rules.0.then.options.1", 1, "a key from '0' to '9', '*' or '#' (in quotes)")
    assert first_error(one(then=menu() | {"options": options})) == expected


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "rules"),
        ({}, "rules"),
        ({"rules": []}, "rules"),
        ({"rules": [{"name": "A"}]}, "rules.0.then"),
        ({"rules": [{"then": TO_SUPPORT}]}, "rules.0.name"),
        ({"rules": ["A"]}, "rules.0"),
        (one(comment="why"), "rules.0.comment"),
        (one() | {"version": 3}, "version"),
    ],
)
def test_a_malformed_set_names_the_wrong_field(data: Any, field: str) -> None:
    assert first_error(data)[0] == field


def test_what_cannot_be_kept_is_refused() -> None:
    assert first_error(one(then=TO_SUPPORT | {"queue": "a\x00b"})) == (
        "rules.0.then.queue", "a\\0b", "text without the character NUL"
    )  # fmt: skip
    deep: dict[str, Any] = {}
    for _ in range(50_000):
        deep = {"all": [deep]}
    assert first_error(one(deep))[2] == "at most 40 lists and mappings in one another"
    many = [{"name": str(n), "then": TO_SUPPORT} for n in range(501)]
    assert first_error({"rules": many})[:2] == ("rules", "list")
    assert first_error(one({"waited_seconds": {"below": float("inf")}}))[2] == "Input should be a finite number"


def test_one_wrong_rule_is_one_error() -> None:
    _, found = parse(one({"to": ["x"], "any": [{"from": ["y"]}]}))
    assert [error.field for error in found] == ["rules.0.when.to.0", "rules.0.when.any.0.from.0"]


def test_a_set_is_written_as_people_write_it_and_read_back_the_same() -> None:
    body, _ = parse(one({"from": ["+4930123456"], "any": [{"from_country": ["DE"]}, {"anonymous": True}]}))
    assert body is not None
    written = body.model_dump(mode="json", exclude_none=True)
    assert written["rules"][0]["when"] == {
        "from": ["+4930123456"], "any": [{"from_country": ["DE"]}, {"anonymous": True}]
    }  # fmt: skip
    assert RuleSetBody.model_validate(written) == body


def test_a_set_full_of_mistakes_is_refused_at_once() -> None:
    began = time.process_time()
    body, found = parse(one(when={"from_prefix": ["x"] * 100_000}))
    assert body is None
    assert 0 < len(found) <= MOST_ERRORS
    assert time.process_time() - began < 5  # each mistake compared with each other took minutes
