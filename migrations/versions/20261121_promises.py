"""promises: what stays true whatever dies"""

import sqlalchemy as sa
from alembic import op

revision = "20261121b"
down_revision = "20261121a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _unfinished_sentences()


def downgrade() -> None:
    _no_unfinished_sentences()


def _unfinished_sentences() -> None:
    op.add_column("segments", sa.Column("unfinished", sa.Boolean(), server_default=sa.false(), nullable=False))


def _no_unfinished_sentences() -> None:
    op.drop_column("segments", "unfinished")
