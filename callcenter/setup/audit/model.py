"""The audit: who changed what, when, from what to what, and who listened in. Append-only: a trigger refuses more."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Thing(StrEnum):
    """What is changed, or heard. The table has no check on it, so that a new kind needs no migration."""

    CALENDAR = "calendar"
    CALLER_LIST = "caller_list"
    CALLER = "caller"
    QUEUE = "queue"
    NUMBER = "number"
    PROFILE = "profile"
    SOUND = "sound"
    SKILL = "skill"
    LIMIT = "limit"
    RULE_SET = "rule_set"
    VOICEMAIL = "voicemail"
    CALL_BACK = "call_back"
    SUPERVISION = "supervision"  # who listened in to, or spoke in, a call
    CALL = "call"
    RECORDING = "recording"
    USER = "user"
    PASSWORD = "password"  # noqa: S105 (a name)
    SESSION = "session"
    INVITATION = "invitation"
    API_KEY = "api_key"
    WORKER = "worker"
    HISTORY = "history"
    LESSON = "lesson"


class Change(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    PUBLISHED = "published"
    ROLLED_BACK = "rolled_back"
    HEARD = "heard"
    ENDED = "ended"
    EXPORTED = "exported"
    APPROVED = "approved"
    REJECTED = "rejected"
    MERGED = "merged"
    REOPENED = "reopened"


class AuditEntry(Base):
    """`actor` is as the timeline names who did something, `who` their e-mail address (or what else they are) as it was
    then, for people leave."""

    __tablename__ = "audit_entries"
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    actor: Mapped[str]
    who: Mapped[str]
    thing: Mapped[str]
    name: Mapped[str]
    change: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = (
        sa.Index("ix_audit_entries_thing_name", "thing", "name", "id"),
        sa.Index("ix_audit_entries_who", "who", "id"),
    )
