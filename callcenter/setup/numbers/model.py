"""Numbers the company has entered: publishing a rule set is refused while one of them is left without a route."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Number(Base):
    __tablename__ = "numbers"
    e164: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (sa.CheckConstraint(r"e164 ~ '^\+[1-9][0-9]{1,14}$'", name="e164"),)
