"""generations and tallies: the stream survives a restore, and what happened is counted"""

import sqlalchemy as sa
from alembic import op

revision = "20261122m"
down_revision = "20261122a"
branch_labels = None
depends_on = None

_XID_BEFORE = sa.text("(pg_current_xact_id()::text)::bigint")


def upgrade() -> None:
    op.create_table(
        "stream_generation",
        sa.Column("one_row", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("one_row", name=op.f("ck_stream_generation_one_row")),
        sa.PrimaryKeyConstraint("one_row", name=op.f("pk_stream_generation")),
    )
    op.execute(
        "CREATE FUNCTION stream_xid() RETURNS bigint LANGUAGE sql BEGIN ATOMIC"
        " SELECT coalesce((SELECT number::bigint << 40 FROM stream_generation), 0)"
        " + pg_current_xact_id()::text::bigint; END"
    )
    op.alter_column("timeline_events", "xid", server_default=sa.text("stream_xid()"))
    op.create_table(
        "tallies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("labels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name=op.f("pk_tallies")),
    )
    places = op.create_table(
        "tally_places",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("stream_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tally_places")),
    )
    op.bulk_insert(
        places, [{"name": "timeline", "xid": 0, "stream_id": 0}, {"name": "promises", "xid": 0, "stream_id": 0}]
    )


def downgrade() -> None:
    op.drop_table("tally_places")
    op.drop_table("tallies")
    op.alter_column("timeline_events", "xid", server_default=_XID_BEFORE)
    op.execute("DROP FUNCTION stream_xid()")
    op.drop_table("stream_generation")
