"""All SQL of notes about calls. The call's row is locked before they are changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.ids import CallId
from callcenter.records.notes.model import CallNotes

MOST_SUGGESTIONS = 10


@dataclass(frozen=True)
class Noted:
    """What is noted of a call; nothing yet, where nothing is."""

    fields: Mapping[str, str]
    summary: str = ""
    suggestions: tuple[str, ...] = ()
    disposition: str | None = None
    notes: str = ""


NOTHING = Noted({})


async def of_call(tx: Tx, call_id: CallId) -> Noted:
    columns = (CallNotes.fields, CallNotes.summary, CallNotes.suggestions, CallNotes.disposition, CallNotes.notes)
    row = await tx.row(sa.select(*columns).where(CallNotes.call_id == call_id))
    return NOTHING if row is None else Noted(**{**row, "suggestions": tuple(row["suggestions"])})


async def keep_assistance(
    tx: Tx, call_id: CallId, fields: Mapping[str, str], summary: str, suggestions: Sequence[str]
) -> None:
    """What the agent has noted: fields that it filled before and does not name now stay as they are."""
    values = {"fields": dict(fields), "summary": summary, "suggestions": list(suggestions)[-MOST_SUGGESTIONS:]}
    await _put(tx, call_id, values)


async def keep_wrap_up(tx: Tx, call_id: CallId, disposition: str | None, notes: str) -> None:
    """What a supervisor has noted."""
    await _put(tx, call_id, {"disposition": disposition, "notes": notes})


async def _put(tx: Tx, call_id: CallId, values: Mapping[str, object]) -> None:
    changed = {**values, "changed_at": sa.func.clock_timestamp()}
    statement = insert(CallNotes).values(call_id=call_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[CallNotes.call_id], set_=changed))
