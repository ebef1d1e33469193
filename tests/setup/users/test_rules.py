from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from callcenter.setup.users import rules
from callcenter.setup.users.model import Role

pytestmark = pytest.mark.pure
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_the_right_password_is_right_and_a_wrong_one_is_not() -> None:
    stored = rules.hash_password("right")
    assert rules.check_password(stored, "right") == rules.Verdict(True)
    assert not rules.check_password(stored, "wrong").right


def test_an_unknown_user_has_no_right_password() -> None:
    assert not rules.check_password(None, "anything").right


def test_a_damaged_stored_hash_lets_nobody_in() -> None:
    assert not rules.check_password("not a hash", "not a hash").right


def test_a_hash_of_outdated_parameters_is_made_anew() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("right")
    verdict = rules.check_password(old, "right")
    assert verdict.right
    assert verdict.new_hash is not None
    assert rules.check_password(verdict.new_hash, "right") == rules.Verdict(True)


def test_tokens_are_never_the_same_and_only_their_hash_is_stored() -> None:
    first, second = rules.new_token("cc_"), rules.new_token("cc_")
    assert first != second
    assert first.startswith("cc_")
    assert len(first) >= 43
    assert first not in rules.token_hash(first)


def test_five_failures_close_the_door_until_the_oldest_is_five_minutes_ago() -> None:
    oldest = NOW - timedelta(minutes=4)
    assert rules.retry_after([rules.Failures(4, oldest, most=5)], NOW) is None
    wait = rules.retry_after([rules.Failures(5, oldest, most=5)], NOW)
    assert wait is not None
    assert 60 <= wait <= 61


def test_the_door_that_stays_closed_longest_counts() -> None:
    first, second = NOW - timedelta(minutes=4), NOW - timedelta(minutes=1)
    closed = [rules.Failures(5, first, most=5), rules.Failures(30, second, most=30), rules.Failures(9, NOW, most=50)]
    wait = rules.retry_after(closed, NOW)
    assert wait is not None
    assert 240 <= wait <= 241


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", None),
        ("", None),
        (None, None),
    ],
)
def test_a_client_is_known_by_its_address_and_in_ipv6_by_its_network(host: str | None, address: str | None) -> None:
    assert rules.address_of(host) == address


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_calls(role: Role) -> None:
    principal = rules.Principal(role, None, rules.Credential.KEY, "")
    assert principal.may(rules.Permission.READ_CALLS)


def test_who_may_edit_sees_what_they_edit() -> None:
    """A mask that is written back would overwrite a number."""
    editors = [granted for granted in rules.GRANTS.values() if rules.Permission.EDIT_SETUP in granted]
    assert editors
    assert all(rules.Permission.SEE_NUMBERS in granted for granted in editors)
