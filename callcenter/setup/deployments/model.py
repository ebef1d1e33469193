"""Deployments: labels of releases that run side by side, and what part of the new calls each gets."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Deployment(Base):
    """`share` is a percentage of new calls; a label without a row gets its part of what the shares leave over."""

    __tablename__ = "deployments"
    name: Mapped[str] = mapped_column(primary_key=True)
    share: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    __table_args__ = (sa.CheckConstraint("share BETWEEN 0 AND 100", name="share"),)
