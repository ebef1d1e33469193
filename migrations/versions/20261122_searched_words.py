"""searched words: transcripts are found by their words, calls by the beginning of a number"""

import sqlalchemy as sa
from alembic import op

revision = "20261122z1"
down_revision = "20261122z"
branch_labels = None
depends_on = None

# An index may only stand on what never changes: so this is one immutable function, and its names are qualified because
# a restore has no search path.
_CONFIG = """
CREATE FUNCTION segment_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN language ~* '^(en|english)([-_]|$)' THEN 'pg_catalog.english'::pg_catalog.regconfig
        WHEN language ~* '^(de|german)([-_]|$)' THEN 'pg_catalog.german'::pg_catalog.regconfig
        ELSE 'pg_catalog.simple'::pg_catalog.regconfig
    END
$$
"""
_WORDS = sa.text("to_tsvector(segment_config(language), text)")
_NUMBERS = ("from_number", "to_number")


def upgrade() -> None:
    op.execute(_CONFIG)
    op.create_index("ix_segments_words", "segments", [_WORDS], postgresql_using="gin")
    for column in _NUMBERS:
        op.create_index(f"ix_calls_{column}_begins", "calls", [column], postgresql_ops={column: "text_pattern_ops"})


def downgrade() -> None:
    for column in _NUMBERS:
        op.drop_index(f"ix_calls_{column}_begins", "calls")
    op.drop_index("ix_segments_words", "segments")
    op.execute("DROP FUNCTION segment_config(text)")
