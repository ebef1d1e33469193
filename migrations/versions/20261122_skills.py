"""skills that agents have brought, for rules to name"""

import sqlalchemy as sa
from alembic import op

revision = "20261122r"
down_revision = "20261122t2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "skills",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_skills")),
    )
    op.execute("INSERT INTO skills (name) SELECT DISTINCT unnest(skills) FROM workers")


def downgrade() -> None:
    op.drop_table("skills")
