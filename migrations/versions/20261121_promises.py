"""promises: what stays true whatever dies"""

import sqlalchemy as sa
from alembic import op

revision = "20261121b"
down_revision = "20261121a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _unfinished_sentences()
    _draining_and_deployments()


def downgrade() -> None:
    _no_draining_and_deployments()
    _no_unfinished_sentences()


def _unfinished_sentences() -> None:
    op.add_column("segments", sa.Column("unfinished", sa.Boolean(), server_default=sa.false(), nullable=False))


def _no_unfinished_sentences() -> None:
    op.drop_column("segments", "unfinished")


def _draining_and_deployments() -> None:
    op.add_column("workers", sa.Column("drain_until", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("ck_workers_state"), "workers")
    op.create_check_constraint(op.f("ck_workers_state"), "workers", "state IN ('up', 'draining', 'lost', 'gone')")
    op.create_table(
        "deployments",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("share BETWEEN 0 AND 100", name=op.f("ck_deployments_share")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_deployments")),
    )


def _no_draining_and_deployments() -> None:
    op.drop_table("deployments")
    op.execute("UPDATE workers SET state = 'lost' WHERE state = 'gone'")
    op.drop_constraint(op.f("ck_workers_state"), "workers")
    op.create_check_constraint(op.f("ck_workers_state"), "workers", "state IN ('up', 'draining', 'lost')")
    op.drop_column("workers", "drain_until")
