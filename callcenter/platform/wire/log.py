"""One line a record: time, level, logger, message, then the record's own fields as key=value.

Calls are named by id, never by room or number: LiveKit puts the caller's number into room names and identities.
"""

import logging
import sys

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class KeyValueFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        base = super().format(record)
        fields = " ".join(f"{k}={v}" for k, v in sorted(vars(record).items()) if k not in _STANDARD)
        return f"{base} {fields}" if fields else base


def configure(level: str = "INFO") -> None:
    """Send every record of this process to standard error; the supervisor files it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(KeyValueFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "asyncio", "websockets", "openai"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
