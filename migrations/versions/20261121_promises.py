"""promises: what keeps calls alive while processes come and go"""

import sqlalchemy as sa
from alembic import op

revision = "20261121b"
down_revision = "20261121a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _draining_and_deployments()


def downgrade() -> None:
    _no_draining_and_deployments()


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
