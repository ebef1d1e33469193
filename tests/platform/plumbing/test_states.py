"""The tables of transitions are what Postgres does: every pair of states of every machine, and no way around."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.plumbing.states import move
from callcenter.records.calls.model import TRANSITIONS, Call
from callcenter.records.voicemails.model import VOICEMAIL_TRANSITIONS, Voicemail
from callcenter.setup.rule_sets.model import RULE_SET_TRANSITIONS, RuleSet
from callcenter.setup.users.model import User
from callcenter.stages.callbacks.model import CALL_BACK_TRANSITIONS, OPEN, CallBack
from callcenter.stages.escalation.model import (
    ESCALATION_OFFER_TRANSITIONS,
    ESCALATION_TRANSITIONS,
    SUPERVISION_TRANSITIONS,
    Escalation,
    EscalationOffer,
    Supervision,
)
from callcenter.stages.escalation.model import (
    OPEN as ASKED,
)
from callcenter.stages.learning.model import LESSON_TRANSITIONS, TASK_TRANSITIONS, Lesson, LessonTask
from callcenter.stages.offers.model import OFFER_TRANSITIONS, WORKER_TRANSITIONS, Offer, Worker
from callcenter.stages.outbound.model import CALL_OUT_TRANSITIONS, LIVE, CallOut
from callcenter.stages.waiting.model import WAITING_TRANSITIONS, WaitingEntry
from tests.journey.company import Company

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)


def a_call(call_id: str) -> dict[str, Any]:
    return {
        "id": call_id, "sip_call_id": call_id, "room": call_id, "caller_identity": "sip", "channel": "sip",
        "direction": "inbound", "from_number": "", "to_number": "", "trunk": "", "lead": "none", "arrived_at": NOW,
    }  # fmt: skip


def an_offer(call_id: str) -> dict[str, Any]:
    return {"id": call_id, "call_id": call_id, "kind": "agent", "worker": "w", "seat_id": 1, "lease_until": NOW}


def a_user() -> sa.ScalarSelect[Any]:
    """Some user of the demo company."""
    return sa.select(User.id).limit(1).scalar_subquery()


def an_escalation(call_id: str) -> sa.ScalarSelect[Any]:
    """A new escalation of this call."""
    row = {"id": new_id(), "call_id": call_id, "trigger": "api", "reason": "", "summary": "", "state": "requested"}
    made = sa.insert(Escalation).values(**row, deadline_at=NOW).returning(Escalation.id).cte("asked")
    return sa.select(made.c.id).scalar_subquery()


@dataclass(frozen=True)
class Machine:
    """A table with states; `row` makes a row beside a call of this id, `also` is what goes with a state."""

    table: type[Any]
    transitions: Mapping[Any, frozenset[Any]]
    row: Any
    also: Any = lambda _: {}


MACHINES = {
    "call": Machine(
        Call, TRANSITIONS, a_call, lambda s: {"ended_at": NOW, "outcome": "completed"} if s == "ended" else {}
    ),
    "offer": Machine(Offer, OFFER_TRANSITIONS, an_offer),
    "waiting entry": Machine(
        WaitingEntry, WAITING_TRANSITIONS, lambda c: {"call_id": c, "queue": "support", "entered_at": NOW}
    ),
    "call out": Machine(
        CallOut,
        CALL_OUT_TRANSITIONS,
        lambda c: {"id": c, "trunk": "t", "number": "", "purpose": "trial", "room": c},
        lambda s: {"live_until": NOW, "ended_at": None} if s in LIVE else {"live_until": None, "ended_at": NOW},
    ),
    "call-back": Machine(
        CallBack,
        CALL_BACK_TRANSITIONS,
        lambda c: {"id": c, "number": c, "queue": "support", "entered_at": NOW},
        lambda s: {
            "next_attempt_at": NOW if s == "planned" else None,
            "ended_at": None if s in OPEN else NOW,
        },
    ),
    "escalation": Machine(
        Escalation,
        ESCALATION_TRANSITIONS,
        lambda c: {"id": c, "call_id": c, "trigger": "api", "reason": "", "summary": ""},
        lambda s: {"deadline_at": NOW if s in ASKED else None, "ended_at": None if s in ASKED else NOW},
    ),
    "escalation offer": Machine(
        EscalationOffer,
        ESCALATION_OFFER_TRANSITIONS,
        lambda c: {"id": c, "escalation_id": an_escalation(c), "user_id": a_user(), "expires_at": NOW},
    ),
    "supervision": Machine(
        Supervision,
        SUPERVISION_TRANSITIONS,
        lambda c: {"id": c, "call_id": c, "user_id": a_user(), "mode": "barge", "join_by": NOW},
    ),
    "worker": Machine(Worker, WORKER_TRANSITIONS, lambda c: {"name": c, "kind": "agent", "pid": 1}),
    "voicemail": Machine(
        Voicemail,
        VOICEMAIL_TRANSITIONS,
        lambda c: {"id": c, "call_id": c, "offer_id": c, "box": "support", "caller": "", "started_at": NOW},
        lambda s: {"due_at": NOW if s == "stored" else None, "transcript": "hello" if s == "transcribed" else None},
    ),
    "lesson": Machine(
        Lesson,
        LESSON_TRANSITIONS,
        lambda c: {"id": c, "question": "", "answer": "", "language": "en"},
        lambda s: {
            "decided_at": None if s == "draft" else NOW,
            "merged_into": new_id() if s == "merged" else None,
        },
    ),
    "lesson task": Machine(
        LessonTask, TASK_TRANSITIONS, lambda c: {"call_id": c}, lambda s: {"due_at": NOW if s == "due" else None}
    ),
    "rule set": Machine(RuleSet, RULE_SET_TRANSITIONS, lambda _: {"body": {}}),
}


async def moved(tx: Tx, machine: Machine, before: StrEnum, after: StrEnum, **how: Any) -> bool:
    """Whether a row in the one state was brought to the other; nothing is kept."""
    async with tx.connection.begin_nested() as savepoint:
        call_id = new_id()
        if machine.table is RuleSet:
            await tx.execute(sa.text("ALTER TABLE rule_sets DISABLE TRIGGER USER"))  # they keep what was published
            await tx.execute(sa.delete(RuleSet))
            await tx.execute(sa.text("ALTER TABLE rule_sets ENABLE TRIGGER USER"))
        elif machine.table is not Call:
            await tx.execute(sa.insert(Call).values(**a_call(call_id), state="ringing"))
        await tx.execute(sa.insert(machine.table).values(**machine.row(call_id), state=before, **machine.also(before)))
        update = move(machine.table, machine.transitions, after, **how).values(**machine.also(after))
        count = (await tx.execute(update)).rowcount
        found = (await tx.connection.execute(sa.select(machine.table.state))).scalars().all()
        await savepoint.rollback()
    assert found == [after if count else before]
    return count == 1


@pytest.mark.postgres
@pytest.mark.parametrize("name", MACHINES)
async def test_a_row_moves_between_two_states_exactly_where_the_table_has_an_arrow(company: Company, name: str) -> None:
    machine = MACHINES[name]
    async with company.j.db.transaction() as tx:
        for before, targets in machine.transitions.items():
            for after in machine.transitions:
                assert await moved(tx, machine, before, after) == (after in targets), f"{before} -> {after}"


@pytest.mark.postgres
@pytest.mark.parametrize("name", MACHINES)
async def test_narrowing_never_adds_an_arrow_and_staying_is_the_one_that_may_be_asked_for(
    company: Company, name: str
) -> None:
    machine = MACHINES[name]
    async with company.j.db.transaction() as tx:
        for before, targets in machine.transitions.items():
            for after in machine.transitions:
                narrowed = await moved(tx, machine, before, after, only_from=(before,))
                assert narrowed == (after in targets), f"{before} -> {after}"
                still = await moved(tx, machine, before, after, or_still=True)
                assert still == (after in targets or after is before), f"{before} -> {after}"


def _states_written_by_hand(source: str) -> list[int]:
    """The lines of UPDATEs that set `state` without `move`: `sa.update(…)…values(state=…)` and upserts."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        segment = ast.unparse(node.func)
        sets = {keyword.arg for keyword in node.keywords}
        keys = {
            key.value
            for keyword in node.keywords if keyword.arg == "set_"
            for part in ast.walk(keyword.value) if isinstance(part, ast.Dict)
            for key in part.keys if isinstance(key, ast.Constant)
        }  # fmt: skip
        by_values = node.func.attr == "values" and "state" in sets and "update(" in segment
        if by_values or "state" in keys:
            lines.append(node.lineno)
    return lines


@pytest.mark.pure
def test_every_update_of_a_state_goes_through_the_one_mechanism() -> None:
    own = ROOT / "callcenter" / "platform" / "plumbing" / "states.py"
    found = {
        str(file.relative_to(ROOT)): lines
        for file in (ROOT / "callcenter").rglob("*.py")
        if file != own and (lines := _states_written_by_hand(file.read_text()))
    }
    assert found == {}
    assert _states_written_by_hand("sa.update(X).where(1).values(state='a')") == [1]
    assert _states_written_by_hand("insert(X).on_conflict_do_update(set_={'state': 'a'})") == [1]
