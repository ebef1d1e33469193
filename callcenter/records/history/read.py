"""Finding past calls: by what was said, by number, queue, outcome, time and duration."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx
from callcenter.records.calls.model import Call, Direction
from callcenter.records.calls.read import Position, in_states
from callcenter.records.history.rules import HIT_BEGINS, HIT_ENDS, Wanted
from callcenter.records.transcripts.model import Segment

SNIPPETS_A_CALL = 3
_HEADLINE = f"StartSel={HIT_BEGINS}, StopSel={HIT_ENDS}, MaxWords=28, MinWords=14, ShortWord=0"

_CONFIG = sa.func.segment_config(Segment.language)
_WORDS = sa.func.to_tsvector(_CONFIG, Segment.text)  # as the index ix_segments_words has it
_CONFIGS = ("english", "german", "simple")


@dataclass(frozen=True)
class Snippets:
    """What was found in one call: the first segments with their headlines, and how many there are."""

    rows: list[sa.RowMapping]
    count: int


def _asked(config: sa.ColumnElement[object], words: str) -> sa.ColumnElement[object]:
    """What somebody typed, as a search engine reads it: "a phrase", or, -not. It never fails on any text."""
    return sa.func.websearch_to_tsquery(config, words)


def _matches(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """One question to the index for all languages. A segment is in one; that another's word forms match it too does no
    harm, unless something is excluded: then its own language decides."""
    assert wanted.words is not None
    first, *others = [_asked(sa.literal_column(f"'pg_catalog.{name}'::regconfig"), wanted.words) for name in _CONFIGS]
    any_of = first
    for other in others:
        any_of = any_of.op("||")(other)
    found: list[sa.ColumnElement[bool]] = [_WORDS.op("@@", return_type=sa.Boolean())(any_of)]
    return (
        [*found, _WORDS.op("@@", return_type=sa.Boolean())(_asked(_CONFIG, wanted.words))] if wanted.excludes else found
    )


def _restrictions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    lasted = sa.func.coalesce(Call.ended_at, sa.func.now()) - Call.arrived_at
    where: list[sa.ColumnElement[bool]] = []
    if wanted.number_beginnings:
        patterns = [f"{beginning}%" for beginning in wanted.number_beginnings]
        where.append(sa.or_(*(column.like(p) for column in (Call.from_number, Call.to_number) for p in patterns)))
    if wanted.queues:
        where.append(Call.queue.in_(wanted.queues))
    if wanted.outcomes:
        where.append(Call.outcome.in_([outcome.value for outcome in wanted.outcomes]))
    if wanted.states:
        where.append(in_states(wanted.states))
    if wanted.arrived_from is not None:
        where.append(Call.arrived_at >= wanted.arrived_from)
    if wanted.arrived_until is not None:
        where.append(Call.arrived_at < wanted.arrived_until)
    if wanted.min_seconds is not None:
        where.append(lasted >= sa.func.make_interval(0, 0, 0, 0, 0, 0, wanted.min_seconds))
    if wanted.max_seconds is not None:
        where.append(lasted <= sa.func.make_interval(0, 0, 0, 0, 0, 0, wanted.max_seconds))
    if wanted.words is not None:
        where.append(Call.id.in_(sa.select(Segment.call_id).where(*_matches(wanted))))
    return where


def found(wanted: Wanted, limit: int, after: Position | None = None) -> sa.Select[tuple[object, ...]]:
    """The calls that are wanted, latest arrival first; `after` is the last one of the page before."""
    query = sa.select(Call.__table__).where(*_restrictions(wanted))
    if after is not None:
        place = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], Call.id.type))
        query = query.where(sa.tuple_(Call.arrived_at, Call.id) < place)
    return query.order_by(Call.arrived_at.desc(), Call.id.desc()).limit(limit)


async def calls(tx: Tx, wanted: Wanted, limit: int, after: Position | None = None) -> list[sa.RowMapping]:
    """A page of `found`."""
    return await tx.rows(found(wanted, limit, after))


async def count(tx: Tx, wanted: Wanted, at_most: int) -> int:
    """How many calls are wanted, counted up to `at_most`."""
    some = sa.select(Call.id).where(*_restrictions(wanted)).limit(at_most).subquery()
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(some)))


async def snippets(tx: Tx, wanted: Wanted, call_ids: Sequence[str]) -> dict[str, Snippets]:
    """For each call what of its words was looked for, in the order in which it was said."""
    if wanted.words is None or not call_ids:
        return {}
    hits = (
        sa.select(
            *Segment.__table__.c,
            sa.func.row_number()
            .over(partition_by=Segment.call_id, order_by=(Segment.started_at, Segment.id))
            .label("place"),
            sa.func.count().over(partition_by=Segment.call_id).label("hits"),
        )
        .where(Segment.call_id.in_(call_ids), *_matches(wanted))
        .subquery()
    )
    config = sa.func.segment_config(hits.c.language)
    plain = sa.func.translate(hits.c.text, HIT_BEGINS + HIT_ENDS, "")
    headline = sa.func.ts_headline(config, plain, _asked(config, wanted.words), _HEADLINE)
    query = (
        sa.select(hits, headline.label("headline"))
        .where(hits.c.place <= SNIPPETS_A_CALL)
        .order_by(hits.c.call_id, hits.c.place)
    )
    by_call: dict[str, list[sa.RowMapping]] = defaultdict(list)
    for row in await tx.rows(query):
        by_call[row["call_id"]].append(row)
    return {call_id: Snippets(rows, rows[0]["hits"]) for call_id, rows in by_call.items()}


async def earlier(tx: Tx, call: sa.RowMapping, limit: int, after: Position | None = None) -> list[sa.RowMapping]:
    """The calls from and to the number of whoever is at the other end of this one, before it; none of one who withholds
    it. The number itself is nobody's argument: who may not see it can still see that they called before."""
    number = call["to_number"] if call["direction"] == Direction.OUTBOUND else call["from_number"]
    if not number:
        return []
    theirs = sa.or_(
        sa.and_(Call.from_number == number, Call.direction == Direction.INBOUND),
        sa.and_(Call.to_number == number, Call.direction == Direction.OUTBOUND),
    )
    last = after or (call["arrived_at"], call["id"])
    place = sa.tuple_(sa.literal(last[0]), sa.literal(last[1], Call.id.type))
    return await tx.rows(
        sa.select(Call.__table__)
        .where(theirs, sa.tuple_(Call.arrived_at, Call.id) < place)
        .order_by(Call.arrived_at.desc(), Call.id.desc())
        .limit(limit)
    )
