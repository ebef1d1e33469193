"""Which cluster counts the transactions that order the stream.

A database restored into another cluster, or into an earlier moment of its own, goes on with transaction ids that begin
low or were given out before: new events would stand before old ones, and readers would wait for numbers that come
again in years. So each event's `xid` begins with the number of a generation, and a cluster that is not the one that was
written down begins a new generation: its events come after all that are stored.
"""

import logging

import sqlalchemy as sa

from callcenter.records.timeline.model import StreamGeneration, TimelineEvent

log = logging.getLogger(__name__)

# The system identifier is made by initdb; the timeline, the first eight digits of a log file's name, changes with each
# recovery to a point in time and each promotion of a standby (Postgres manual, 26.3.5).
_CLUSTER = sa.text(
    "SELECT system_identifier::text || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) FROM pg_control_system()"
)
_NEXT_XID = sa.literal_column("pg_snapshot_xmax(pg_current_snapshot())::text::bigint", sa.BigInteger)


def settle(connection: sa.Connection) -> bool:
    """Begin a new generation if this cluster is not the one that wrote the events; whether that was so.

    Writers of events wait meanwhile; the caller commits. Raises sqlalchemy.exc.OperationalError when they do not let go
    within the connection's `lock_timeout`.
    """
    cluster = connection.scalar(_CLUSTER)
    if _known(connection) == cluster:
        return False
    connection.execute(sa.text("LOCK TABLE timeline_events IN SHARE ROW EXCLUSIVE MODE"))
    known = _known(connection)
    if known == cluster:
        return False
    if known is None:
        ahead = sa.select(sa.exists().where(TimelineEvent.xid >= _NEXT_XID))
        number = 1 if connection.scalar(ahead) else 0
        connection.execute(sa.insert(StreamGeneration).values(number=number, cluster=cluster))
        return number > 0
    raised = {"number": StreamGeneration.number + 1, "cluster": cluster, "since": sa.func.clock_timestamp()}
    connection.execute(sa.update(StreamGeneration).values(raised))
    log.warning("the database is another cluster's: a new generation of events begins")
    return True


def _known(connection: sa.Connection) -> str | None:
    return connection.scalar(sa.select(StreamGeneration.cluster))
