"""`callcenter setup validate|apply` against a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from callcenter.platform.entrypoints import setup
from callcenter.platform.entrypoints.rules import in_transaction
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import Invalid
from callcenter.platform.wire.settings import Settings
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Thing
from callcenter.setup.calendars import store as calendars
from callcenter.setup.caller_lists import store as caller_lists
from callcenter.setup.numbers import store as numbers

pytestmark = pytest.mark.postgres
T = TypeVar("T")

GOOD = """
calendars:
  office: {zone: Europe/Berlin, weekly: {mon: ["08:00-12:00"]}}
  sunny: {zone: UTC}
caller_lists:
  vip: {entries: [{number: "+15551230001"}]}
queues:
  sales: {profile: shop}
numbers:
  "+15550120": Sales
"""
BAD = """
calendars:
  office: {zone: Mars}
  Bad name: {zone: UTC}
caller_lists:
queues:
  sales: {profile: nobody}
numbers:
  +15550120: Sales
voices: {}
"""


def ask(settings: Settings, question: Callable[[Tx], Awaitable[T]]) -> T:
    return asyncio.run(in_transaction(settings, question))


def test_a_file_is_entered_and_audited_and_entering_it_again_changes_nothing(
    company_database_url: str, tmp_path: Path
) -> None:
    settings, file = Settings(database_url=company_database_url), tmp_path / "setup.yaml"
    file.write_text(GOOD)
    assert setup.run(settings, file) == {"changed": 1, "new": 4}
    assert ask(settings, calendars.names) == {"office", "never", "sunny"}
    assert ask(settings, lambda tx: caller_lists.lists_of(tx, "+15551230001")) == {"vip"}
    assert "+15550120" in ask(settings, numbers.all_numbers)
    entries = ask(settings, lambda tx: audit.entries(tx, 10, wanted=audit.Wanted(thing=Thing.CALENDAR)))
    assert [(e["name"], e["change"], e["who"]) for e in entries[:2]] == [
        ("sunny", "created", "callcenter setup apply"),
        ("office", "changed", "callcenter setup apply"),
    ]
    assert setup.run(settings, file) == {"as it was": 5}


def test_a_file_with_errors_names_all_of_them_and_enters_nothing(company_database_url: str, tmp_path: Path) -> None:
    settings, file = Settings(database_url=company_database_url), tmp_path / "setup.yaml"
    file.write_text(BAD)
    with pytest.raises(Invalid) as refused:
        setup.run(settings, file)
    assert {(error.field, error.value) for error in refused.value.errors} == {
        ("calendars.office.zone", "Mars"),
        ("calendars.Bad name", "Bad name"),
        ("queues.sales.profile", "nobody"),
        ("numbers.15550120", 15550120),
        ("section", "voices"),
    }
    assert ask(settings, calendars.names) == {"office", "never"}


def test_validating_enters_nothing(company_database_url: str, tmp_path: Path) -> None:
    settings, file = Settings(database_url=company_database_url), tmp_path / "setup.yaml"
    file.write_text(GOOD)
    setup.validate(settings, file)
    assert ask(settings, calendars.names) == {"office", "never"}
    file.write_text("- office")
    with pytest.raises(Invalid):
        setup.validate(settings, file)
