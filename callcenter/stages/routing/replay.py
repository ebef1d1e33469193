"""Replay: what other rules would have done with the calls of a period, asked with the facts kept of each call.

What was not looked up when a call was routed, for no rule asked, is taken as it is now where the company still has it,
and is unknown otherwise; the summary says of how many calls. Calendars are taken as they are now.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid, TooManyTries
from callcenter.setup.audit.rules import Author
from callcenter.setup.calendars import store as calendars
from callcenter.setup.caller_lists.rules import prefixes
from callcenter.setup.numbers import store as numbers
from callcenter.setup.rule_sets.actions import Action
from callcenter.setup.rule_sets.destinations import Destination, destination
from callcenter.setup.rule_sets.store import Version
from callcenter.stages.routing import store
from callcenter.stages.routing.facts import Facts
from callcenter.stages.routing.fields import Calendars
from callcenter.stages.routing.kept import LOOKED_UP, decided, decided_before, gaps, known
from callcenter.stages.routing.needs import needs_of
from callcenter.stages.routing.rules import Compiled

MOST_CALLS = 500_000
MOST_REPLAYS = 3  # are kept of one person: each may list half a million calls
MOST_KEPT = 50_000  # texts held ready at once
WRITE_EVERY = 1_000
LANGUAGE = "language"  # the attribute of a known caller that says which language they speak
AS_IT_IS_NOW = frozenset({"entered", "in_list", "attribute", "language"})


class AnotherReplay(TooManyTries):
    """Another replay is running. Try again in a moment."""

    retry_after_seconds = 10


class TooManyCalls(Invalid):
    """A replay takes a shorter period."""


class ChangeKind(StrEnum):
    DESTINATION = "destination"  # another queue, box, number, or kind of action
    TERMS = "terms"  # the same place, with another priority, skills, text, …


class Change(NamedTuple):
    """How the decision about a call changes, in words."""

    kind: ChangeKind
    before: str
    after: str


class Replayed(NamedTuple):
    """A call whose decision changes; `change` is its place among the changes that were found."""

    call_id: str
    change: int
    rule: str | None


@dataclass
class Summary:
    """What is counted. `gaps` says of how many calls a fact was not kept, by the name of its condition."""

    calls: int = 0
    changes: list[dict[str, Any]] = field(default_factory=list)
    gaps: dict[str, int] = field(default_factory=dict)


@dataclass
class Present:
    """What the company knows now, for calls of which it was not kept."""

    numbers: frozenset[str] = frozenset()
    lists: Mapping[tuple[str, bool], frozenset[str]] = field(default_factory=dict)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)

    def lists_of(self, number: str) -> frozenset[str]:
        starts = [(digits, False) for digits in prefixes(number)]
        return frozenset[str]().union(*(self.lists.get(start, frozenset()) for start in [*starts, (number, True)]))


@dataclass(frozen=True)
class _Kept:
    """What is kept of a call's routing, made ready: `before` is None where it was not kept."""

    known: dict[str, Any]
    missing: tuple[str, ...]
    before: Destination | None


class Replayer:
    """Asks one rule set about one call after the other, and counts."""

    def __init__(self, rules: Compiled, calendars: Calendars, present: Present) -> None:
        needs = needs_of(rules.body)
        self._rules, self._calendars, self._present = rules, calendars, present
        self._wanted = tuple(pair for pair in LOOKED_UP.items() if pair[0] in needs.fields)
        self._queues = needs.queues
        self._kept: dict[str | None, _Kept] = {}
        self._numbered: dict[Change, int] = {}
        self._counted: Counter[int] = Counter()
        self._gaps: Counter[str] = Counter()
        self._calls = 0
        self._compared: dict[tuple[Destination, int, bool], Change | None] = {}

    def ask(self, row: sa.RowMapping) -> Replayed | None:
        """None when these rules decide the same."""
        self._calls += 1
        kept = self._read(row["kept"])
        decision = self._rules.destination(self._facts(row, kept), self._calendars)
        before = kept.before or decided_before(row["queue"])
        found = self._change(before, decision.action, terms_known=kept.before is not None)
        if found is None:
            return None
        number = self._numbered.setdefault(found, len(self._numbered))
        self._counted[number] += 1
        return Replayed(row["id"], number, decision.rule)

    def _read(self, text: str | None) -> _Kept:
        """Like calls have the same text, which is read once."""
        found = self._kept.get(text)
        if found is None:
            data = json.loads(text) if text else None
            plain = data["facts"] if data else {}
            missing = tuple(gaps(plain, self._wanted, self._queues))
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[text] = _Kept(known(plain), missing, decided(data) if data else None)
        return found

    def _facts(self, row: sa.RowMapping, kept: _Kept) -> Facts:
        from_ = row["from_number"]
        brought = {"to": row["to_number"], "from_": from_, "call_id": row["id"]}
        if not kept.missing:
            return Facts(**{"entered": False, "at": row["arrived_at"], **kept.known, **brought})
        self._gaps.update(kept.missing)
        attributes = self._present.attributes.get(from_, {})
        now: dict[str, Any] = {
            "entered": row["to_number"] in self._present.numbers,
            "in_list": self._present.lists_of(from_) if "in_list" in kept.missing else None,
            "attribute": attributes,
            "language": attributes.get(LANGUAGE),
        }
        filled = {LOOKED_UP[name]: now[name] for name in kept.missing if name in AS_IT_IS_NOW}
        return Facts(**{"entered": False, "at": row["arrived_at"], **kept.known, **filled, **brought})

    def unknown_callers(self, rows: Sequence[sa.RowMapping]) -> set[str]:
        """Of whom it has to be looked up what is kept of them now."""
        return {
            row["from_number"] for row in rows
            if not {"attribute", "language"}.isdisjoint(self._read(row["kept"]).missing) and row["from_number"]
        }  # fmt: skip

    def _change(self, before: Destination, action: Action, *, terms_known: bool) -> Change | None:
        """Worked out once for the many calls that go the same ways. Actions live as long as the rules, so one is known
        by its identity."""
        key = (before, id(action), terms_known)
        if key not in self._compared:
            self._compared[key] = change(before, destination(action), terms_known=terms_known)
        return self._compared[key]

    def summary(self) -> Summary:
        changes = [{**found._asdict(), "calls": self._counted[number]} for found, number in self._numbered.items()]
        return Summary(self._calls, changes, dict(self._gaps))


def change(before: Destination, after: Destination, *, terms_known: bool) -> Change | None:
    """What differs between two decisions about one call: where it goes, or else how it is treated there."""
    if before.where != after.where:
        return Change(ChangeKind.DESTINATION, str(before), str(after))
    if not terms_known or before.terms == after.terms:
        return None
    gone = ", ".join(term for term in before.terms if term not in after.terms) or "standard"
    come = ", ".join(term for term in after.terms if term not in before.terms) or "standard"
    return Change(ChangeKind.TERMS, f"{before}: {gone}", f"{after}: {come}")


async def replay(tx: Tx, version: Version, from_at: datetime, to_at: datetime, by: Author) -> str:
    """Ask this version about every call that came in from `from_at` on and before `to_at`; returns the replay's id.

    Of what this person has replayed before, the latest are kept. The event loop is given back after each few
    milliseconds of work. Raises AnotherReplay, TooManyCalls."""
    if not await store.only_replay(tx):
        raise AnotherReplay()
    if await store.more_calls_than(tx, MOST_CALLS, from_at, to_at):
        wanted = f"a period with at most {MOST_CALLS} calls"
        raise TooManyCalls(errors=(FieldError("from", from_at.isoformat(), wanted),))
    rules = Compiled(version.body)
    needs = needs_of(version.body)
    present = Present(frozenset(await numbers.all_numbers(tx)), await store.list_entries(tx, "in_list" in needs.fields))
    replayer = Replayer(rules, Calendars(await calendars.named(tx, needs.calendars)), present)
    replay_id = await store.begin(tx, version.version, version.revision, from_at, to_at, by.who)
    found: list[Replayed] = []
    written = 0
    async for rows in store.past_calls(tx, from_at, to_at):
        if callers := replayer.unknown_callers(rows):
            present.attributes = await store.attributes(tx, callers)
        found.extend(replayed for row in rows if (replayed := replayer.ask(row)) is not None)
        if len(found) >= WRITE_EVERY:
            await store.add(tx, replay_id, written, found)
            written += len(found)
            found.clear()
        await asyncio.sleep(0)
    await store.add(tx, replay_id, written, found)
    await store.finish(tx, replay_id, asdict(replayer.summary()))
    await store.forget_but_latest(tx, by.who, MOST_REPLAYS)
    return replay_id
