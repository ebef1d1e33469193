"""The priority that who waits has by now, in SQL; `stages/waiting/rules.py` says the same for plain values."""

from typing import Any

import sqlalchemy as sa

from callcenter.setup.queues.model import Queue


def aged(priority: Any, entered_at: Any, queue: Any = Queue) -> sa.ColumnElement[int]:
    """The aged priority of a place (columns or values) in a row that is joined with its queue, or with none."""
    ageing = queue.body["ageing"]
    every, points, at_most = (ageing[name].astext.cast(sa.Float) for name in ("every_seconds", "points", "at_most"))
    waited = sa.func.greatest(0, sa.extract("epoch", sa.func.statement_timestamp() - entered_at))
    gained = sa.func.least(at_most, sa.func.floor(waited / every) * points)
    gain: sa.ColumnElement[int] = sa.cast(sa.func.coalesce(gained, 0), sa.Integer)
    rank: sa.ColumnElement[int] = priority + gain
    return rank
