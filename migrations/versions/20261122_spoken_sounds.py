"""sounds: their language, and the text of those that a model spoke"""

import sqlalchemy as sa
from alembic import op

revision = "20261122z2"
down_revision = "20261122z1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sounds", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("sounds", sa.Column("text", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("sounds", "text")
    op.drop_column("sounds", "language")
