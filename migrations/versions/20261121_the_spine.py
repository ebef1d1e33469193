"""the spine"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121a"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sip_call_id", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("caller_identity", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("from_number", sa.Text(), nullable=False),
        sa.Column("to_number", sa.Text(), nullable=False),
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("lead_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rule_set_version", sa.Integer(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'ended') = (outcome IS NOT NULL) AND (state = 'ended') = (ended_at IS NOT NULL)",
            name=op.f("ck_calls_ended_has_outcome"),
        ),
        sa.CheckConstraint("channel IN ('sip', 'browser')", name=op.f("ck_calls_channel")),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name=op.f("ck_calls_direction")),
        sa.CheckConstraint("ended_by IN ('caller', 'agent', 'supervisor', 'system')", name=op.f("ck_calls_ended_by")),
        sa.CheckConstraint("lead IN ('none', 'attendant', 'agent', 'supervisor')", name=op.f("ck_calls_lead")),
        sa.CheckConstraint(
            "outcome IN ('completed', 'abandoned', 'refused', 'voicemail', 'call_back', 'failed')",
            name=op.f("ck_calls_outcome"),
        ),
        sa.CheckConstraint("state IN ('ringing', 'waiting', 'talking', 'ended')", name=op.f("ck_calls_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("room", name=op.f("uq_calls_room")),
    )
    op.create_index(
        "ix_calls_arrived_at",
        "calls",
        [sa.literal_column("arrived_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_calls_live", "calls", ["state"], unique=False, postgresql_where=sa.text("state <> 'ended'"))
    op.create_index("ix_calls_sip_call_id", "calls", ["sip_call_id"], unique=False)
    op.create_table(
        "control_processes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "last_beat_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('api', 'router')", name=op.f("ck_control_processes_kind")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_control_processes")),
    )
    op.create_table(
        "numbers",
        sa.Column("e164", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("e164 ~ '^\\+[1-9][0-9]{1,14}$'", name=op.f("ck_numbers_e164")),
        sa.PrimaryKeyConstraint("e164", name=op.f("pk_numbers")),
    )
    op.create_table(
        "orders",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.Date(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_orders")),
    )
    op.create_table(
        "profiles",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_profiles")),
    )
    op.create_table(
        "queues",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_queues")),
    )
    op.create_table(
        "rule_sets",
        sa.Column("version", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'published', 'retired')", name=op.f("ck_rule_sets_state")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_sets")),
    )
    op.create_index(
        "uq_rule_sets_published", "rule_sets", ["state"], unique=True, postgresql_where=sa.text("state = 'published'")
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index("ix_sign_in_failures_address_at", "sign_in_failures", ["address", "at"], unique=False)
    op.create_index("ix_sign_in_failures_email_at", "sign_in_failures", ["email", "at"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("role IN ('admin', 'supervisor', 'analyst', 'viewer')", name=op.f("ck_users_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("uq_users_email", "users", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
    )
    op.create_index("ix_webhook_events_received_at", "webhook_events", ["received_at"], unique=False)
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("deployment", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column(
            "registered_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "last_beat_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('agent', 'attendant')", name=op.f("ck_workers_kind")),
        sa.CheckConstraint("state IN ('up', 'draining', 'lost')", name=op.f("ck_workers_state")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('admin', 'supervisor', 'analyst', 'viewer')", name=op.f("ck_api_keys_role")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"], unique=False)
    op.create_table(
        "effects",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('dispatch', 'grant', 'remove', 'delete_room', 'command')", name=op.f("ck_effects_kind")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_effects_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effects")),
    )
    op.create_index(
        "ix_effects_address",
        "effects",
        ["address"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND kind = 'command'"),
    )
    op.create_index(
        "ix_effects_removing",
        "effects",
        ["call_id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND kind = 'remove'"),
    )
    op.create_index("ix_effects_due", "effects", ["due_at"], unique=False, postgresql_where=sa.text("done_at IS NULL"))
    op.create_table(
        "legs",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('caller', 'agent', 'attendant', 'supervisor', 'phone')", name=op.f("ck_legs_kind")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_legs_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legs")),
    )
    op.create_index("uq_legs_call_id_identity", "legs", ["call_id", "identity"], unique=True)
    op.create_table(
        "offers",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "offered_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspect_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("desk", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('agent', 'attendant')", name=op.f("ck_offers_kind")),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'refused', 'expired', 'withdrawn', 'ended', 'lost')",
            name=op.f("ck_offers_state"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_offers_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index("ix_offers_call_id", "offers", ["call_id"], unique=False)
    op.create_index(
        "ix_offers_lease", "offers", ["lease_until"], unique=False, postgresql_where=sa.text("state = 'offered'")
    )
    op.create_index(
        "ix_offers_unreleased", "offers", ["worker"], unique=False, postgresql_where=sa.text("released_at IS NULL")
    )
    op.create_index(
        "uq_offers_live_call_kind",
        "offers",
        ["call_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('offered', 'accepted')"),
    )
    op.create_index(
        "uq_offers_seat", "offers", ["seat_id"], unique=True, postgresql_where=sa.text("released_at IS NULL")
    )
    op.create_table(
        "seats",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["worker"], ["workers.name"], name=op.f("fk_seats_worker"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
    )
    op.create_index("ix_seats_free", "seats", ["worker"], unique=False, postgresql_where=sa.text("offer_id IS NULL"))
    op.create_index("uq_seats_offer_id", "seats", ["offer_id"], unique=True)
    op.create_index("uq_seats_worker_number", "seats", ["worker", "number"], unique=True)
    op.create_table(
        "timeline_events",
        sa.Column("stream_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "xid", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_timeline_events_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("stream_id", name=op.f("pk_timeline_events")),
    )
    op.create_index("ix_timeline_events_xid_stream_id", "timeline_events", ["xid", "stream_id"], unique=False)
    op.create_index("uq_timeline_events_call_id_seq", "timeline_events", ["call_id", "seq"], unique=True)
    op.create_table(
        "user_sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_sessions")),
    )
    op.create_index("ix_user_sessions_user_id", "user_sessions", ["user_id"], unique=False)
    op.create_table(
        "waiting_entries",
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("required_skills", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attendant_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gives_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("message_outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'offered', 'served', 'left')", name=op.f("ck_waiting_entries_state")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_waiting_entries_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_waiting_entries")),
    )
    op.create_index(
        "ix_waiting_entries_due",
        "waiting_entries",
        ["attendant_due_at"],
        unique=False,
        postgresql_where=sa.text("attendant_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_waiting_entries_gives_up",
        "waiting_entries",
        ["gives_up_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting' AND gives_up_at IS NOT NULL"),
    )
    op.create_index(
        "ix_waiting_entries_line",
        "waiting_entries",
        [sa.literal_column("priority DESC"), "entered_at", "call_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting' AND queue IS NOT NULL"),
    )
    op.create_table(
        "segments",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("call_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("offer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("leg_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "speaker IN ('caller', 'agent', 'attendant', 'supervisor')", name=op.f("ck_segments_speaker")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_segments_call_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["leg_id"], ["legs.id"], name=op.f("fk_segments_leg_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_segments_offer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
    )
    op.create_index("ix_segments_call_id_started_at", "segments", ["call_id", "started_at", "id"], unique=False)
    op.create_index("uq_segments_offer_id_leg_id_seq", "segments", ["offer_id", "leg_id", "seq"], unique=True)


def downgrade() -> None:

    op.drop_index("uq_segments_offer_id_leg_id_seq", table_name="segments")
    op.drop_index("ix_segments_call_id_started_at", table_name="segments")
    op.drop_table("segments")
    op.drop_index(
        "ix_waiting_entries_line",
        table_name="waiting_entries",
        postgresql_where=sa.text("state = 'waiting' AND queue IS NOT NULL"),
    )
    op.drop_index(
        "ix_waiting_entries_gives_up",
        table_name="waiting_entries",
        postgresql_where=sa.text("state = 'waiting' AND gives_up_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_waiting_entries_due", table_name="waiting_entries", postgresql_where=sa.text("attendant_due_at IS NOT NULL")
    )
    op.drop_table("waiting_entries")
    op.drop_index("ix_user_sessions_user_id", table_name="user_sessions")
    op.drop_table("user_sessions")
    op.drop_index("uq_timeline_events_call_id_seq", table_name="timeline_events")
    op.drop_index("ix_timeline_events_xid_stream_id", table_name="timeline_events")
    op.drop_table("timeline_events")
    op.drop_index("uq_seats_worker_number", table_name="seats")
    op.drop_index("uq_seats_offer_id", table_name="seats")
    op.drop_index("ix_seats_free", table_name="seats", postgresql_where=sa.text("offer_id IS NULL"))
    op.drop_table("seats")
    op.drop_index("uq_offers_seat", table_name="offers", postgresql_where=sa.text("released_at IS NULL"))
    op.drop_index(
        "uq_offers_live_call_kind", table_name="offers", postgresql_where=sa.text("state IN ('offered', 'accepted')")
    )
    op.drop_index("ix_offers_unreleased", table_name="offers", postgresql_where=sa.text("released_at IS NULL"))
    op.drop_index("ix_offers_lease", table_name="offers", postgresql_where=sa.text("state = 'offered'"))
    op.drop_index("ix_offers_call_id", table_name="offers")
    op.drop_table("offers")
    op.drop_index("uq_legs_call_id_identity", table_name="legs")
    op.drop_table("legs")
    op.drop_index("ix_effects_removing", table_name="effects")
    op.drop_index("ix_effects_due", table_name="effects", postgresql_where=sa.text("done_at IS NULL"))
    op.drop_index(
        "ix_effects_address", table_name="effects", postgresql_where=sa.text("done_at IS NULL AND kind = 'command'")
    )
    op.drop_table("effects")
    op.drop_index("ix_api_keys_user_id", table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_table("workers")
    op.drop_index("ix_webhook_events_received_at", table_name="webhook_events")
    op.drop_table("webhook_events")
    op.drop_index("uq_users_email", table_name="users")
    op.drop_table("users")
    op.drop_index("ix_sign_in_failures_email_at", table_name="sign_in_failures")
    op.drop_index("ix_sign_in_failures_address_at", table_name="sign_in_failures")
    op.drop_table("sign_in_failures")
    op.drop_index("uq_rule_sets_published", table_name="rule_sets", postgresql_where=sa.text("state = 'published'"))
    op.drop_table("rule_sets")
    op.drop_table("queues")
    op.drop_table("profiles")
    op.drop_table("orders")
    op.drop_table("numbers")
    op.drop_table("control_processes")
    op.drop_index("ix_calls_sip_call_id", table_name="calls")
    op.drop_index("ix_calls_live", table_name="calls", postgresql_where=sa.text("state <> 'ended'"))
    op.drop_index("ix_calls_arrived_at", table_name="calls")
    op.drop_table("calls")
