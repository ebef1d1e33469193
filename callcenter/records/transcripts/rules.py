"""Where on a call's clock something was said."""

from datetime import datetime, timedelta


def call_ms(at: datetime, answered_at: datetime | None, arrived_at: datetime) -> int:
    """Milliseconds since the call was answered (since its arrival while it is not), never negative."""
    return max(0, (at - (answered_at or arrived_at)) // timedelta(milliseconds=1))
