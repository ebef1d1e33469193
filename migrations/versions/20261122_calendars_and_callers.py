"""calendars, caller lists, known callers; a queue that calls still need is not deleted"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122t2"
down_revision = "20261122t1"
branch_labels = None
depends_on = None

_CLOCK = sa.text("clock_timestamp()")


def _kept(table: str, key: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column(key, sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=_CLOCK, nullable=False),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        *more,
    )


def upgrade() -> None:
    _kept("calendars", "name")
    _kept("caller_lists", "name")
    _kept("callers", "number", sa.CheckConstraint(r"number ~ '^\+[1-9][0-9]{1,14}$'", name=op.f("ck_callers_number")))
    op.create_table(
        "caller_list_entries",
        sa.Column("digits", sa.Text(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digits", "whole", "list_name", name=op.f("pk_caller_list_entries")),
        sa.ForeignKeyConstraint(
            ["list_name"], ["caller_lists.name"], ondelete="CASCADE",
            name=op.f("fk_caller_list_entries_list_name_caller_lists"),
        ),
    )  # fmt: skip
    op.create_index("ix_caller_list_entries_list_name", "caller_list_entries", ["list_name"])
    op.add_column("numbers", sa.Column("changed_at", sa.DateTime(timezone=True), server_default=_CLOCK, nullable=False))
    op.create_index("ix_calls_from_number", "calls", ["from_number", sa.text("arrived_at DESC"), sa.text("id DESC")])
    op.execute(
        "CREATE FUNCTION refuse_while_calls_need_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT FROM calls WHERE queue = OLD.name AND state <> 'ended') THEN"
        " RAISE EXCEPTION 'calls need the queue' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER needed_by_calls BEFORE DELETE ON queues"
        " FOR EACH ROW EXECUTE FUNCTION refuse_while_calls_need_it()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER needed_by_calls ON queues")
    op.execute("DROP FUNCTION refuse_while_calls_need_it()")
    op.drop_index("ix_calls_from_number", table_name="calls")
    op.drop_column("numbers", "changed_at")
    for table in ("caller_list_entries", "callers", "caller_lists", "calendars"):
        op.drop_table(table)
