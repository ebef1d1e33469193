"""Skills that an agent has ever brought: what rules and queues may ask for."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.platform.plumbing.db import Base


class Skill(Base):
    """Kept when the agents that had it are gone: rules may be published while nobody is there."""

    __tablename__ = "skills"
    name: Mapped[str] = mapped_column(primary_key=True)
    first_seen_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
