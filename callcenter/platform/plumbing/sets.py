"""Many rows in one statement: values travel as one array for each column, so a statement's text, and with it its
prepared plan, is the same for any number of rows."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine


def among(column: Any, values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Whether the column is one of these values."""
    return sa.and_(column == sa.any_(sa.literal(list(values), ARRAY(column.type))))


def given(columns: dict[str, TypeEngine[Any]], rows: Sequence[tuple[Any, ...]]) -> sa.TableValuedAlias:
    """These rows as a table to select from, with their place (from 1) as the column `place`; rows as long as `columns`.
    JSON is given as text and cast where it is used: Postgres has no plain literal for arrays of it."""
    names = list(columns)
    arrays = [sa.literal([row[n] for row in rows], ARRAY(columns[name])) for n, name in enumerate(names)]
    made = sa.func.unnest(*arrays).table_valued(
        *(sa.column(name, columns[name]) for name in names), with_ordinality="place", name="given"
    )
    return made.render_derived()
