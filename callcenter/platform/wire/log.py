"""One line a record: time, level, logger, message, then the record's own fields as key=value.

Calls are named by id, never by room or number: LiveKit puts the caller's number into room names and identities.
"""

import logging
import sys

# Control characters, and Unicode's own line ends: what callers and workers send must not look like a line of ours, nor
# command the terminal that shows it (CWE-117, CWE-150).
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_CONTROLS_BUT_TAB = {code: text for code, text in _CONTROLS.items() if code != ord("\t")}
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class KeyValueFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        base = super().format(record)
        own = sorted((name, value) for name, value in vars(record).items() if name not in _STANDARD)
        fields = " ".join(f"{name}={value}".translate(_CONTROLS) for name, value in own)
        return f"{base} {fields}" if fields else base


def harmless(line: str) -> str:
    """One line as a terminal may show it: its control characters are shown, not obeyed. Tabs stay."""
    return line.translate(_CONTROLS_BUT_TAB)


def configure(level: str = "INFO") -> None:
    """Send every record of this process to standard error; the supervisor files it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(KeyValueFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "asyncio", "websockets", "openai"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
