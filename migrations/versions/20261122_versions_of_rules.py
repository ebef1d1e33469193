"""versions of rules: one draft, versions that stay as they are, what calls were routed by, and replays over them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122s"
down_revision = "20261122r"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_timestamp()")

_GUARD = """
CREATE FUNCTION guard_rule_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'versions of the rules stay as they are' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'draft' AND (TG_OP = 'DELETE' OR NEW.version = OLD.version) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state <> 'draft'
            AND (NEW.version, NEW.revision, NEW.body, NEW.note, NEW.based_on)
                IS NOT DISTINCT FROM (OLD.version, OLD.revision, OLD.body, OLD.note, OLD.based_on)
            AND (NEW.created_at, NEW.created_by, NEW.changed_at, NEW.changed_by)
                IS NOT DISTINCT FROM (OLD.created_at, OLD.created_by, OLD.changed_at, OLD.changed_by)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'version % of the rules was published: it stays as it is', OLD.version
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_version_stays_as_it_is', TABLE = 'rule_sets';
END $$
"""
_TRIGGER = """
CREATE TRIGGER a_version_stays_as_it_is BEFORE UPDATE OR DELETE ON rule_sets
FOR EACH ROW EXECUTE FUNCTION guard_rule_set()
"""
_NO_TRUNCATE = """
CREATE TRIGGER versions_stay BEFORE TRUNCATE ON rule_sets FOR EACH STATEMENT EXECUTE FUNCTION guard_rule_set()
"""


def upgrade() -> None:
    op.add_column("rule_sets", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column(
        "rule_sets", sa.Column("digest", sa.Text(), sa.Computed("md5(body::text)", persisted=True), nullable=False)
    )
    op.add_column("rule_sets", sa.Column("based_on", sa.Integer(), nullable=True))
    op.add_column("rule_sets", sa.Column("created_by", sa.Text(), server_default="system", nullable=False))
    op.add_column("rule_sets", sa.Column("changed_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False))
    op.add_column("rule_sets", sa.Column("changed_by", sa.Text(), server_default="system", nullable=False))
    op.add_column("rule_sets", sa.Column("published_by", sa.Text(), nullable=True))
    op.execute("UPDATE rule_sets SET changed_at = created_at")
    op.execute("UPDATE rule_sets SET published_by = 'system' WHERE published_at IS NOT NULL")
    op.create_index(
        "uq_rule_sets_draft", "rule_sets", ["state"], unique=True, postgresql_where=sa.text("state = 'draft'")
    )
    op.execute(_GUARD)
    op.execute(_TRIGGER)
    op.execute(_NO_TRUNCATE)
    op.add_column("calls", sa.Column("routing_facts", JSONB(), nullable=True))
    _replays()


def _replays() -> None:
    op.create_table(
        "rule_set_replays",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set_replays")),
    )
    op.create_index("ix_rule_set_replays_created_at", "rule_set_replays", ["created_at"])
    op.create_table(
        "rule_set_replayed_calls",
        sa.Column("replay_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replay_id"],
            ["rule_set_replays.id"],
            name=op.f("fk_rule_set_replayed_calls_replay_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("replay_id", "number", name=op.f("pk_rule_set_replayed_calls")),
    )


def downgrade() -> None:
    op.drop_table("rule_set_replayed_calls")
    op.drop_index("ix_rule_set_replays_created_at", table_name="rule_set_replays")
    op.drop_table("rule_set_replays")
    op.drop_column("calls", "routing_facts")
    op.execute("DROP TRIGGER a_version_stays_as_it_is ON rule_sets")
    op.execute("DROP TRIGGER versions_stay ON rule_sets")
    op.execute("DROP FUNCTION guard_rule_set()")
    op.drop_index("uq_rule_sets_draft", table_name="rule_sets", postgresql_where=sa.text("state = 'draft'"))
    for column in ("published_by", "changed_by", "changed_at", "created_by", "based_on", "digest", "revision"):
        op.drop_column("rule_sets", column)
