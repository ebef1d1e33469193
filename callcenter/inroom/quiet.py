"""LiveKit's own log records name rooms and identities, which carry the caller's number: keep them out of our logs."""

import logging
import re

LOGGERS = ("livekit", "livekit.agents", "livekit.plugins.openai", "livekit.rtc", "httpx2", "httpcore2")
# Fields that livekit-agents adds to every record of a job process, ours included.
_PRIVATE = ("room", "room_id", "agent_name", "job_id")
# Said for every sentence by servers without request ids, and by the SDK at every room's end.
_NOISE = ("no request_id provided", "Attempted to drop unknown FFI handle", "publisher data channel '")

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
# Extras that name no person.
_HARMLESS = {"job_id", "pid", "error", "reason", "worker_id", "id", "exit_code", "timeout", "retry_count"}
_NUMBER = re.compile(r"\+?\d[\d\-]{5,}\d")


def scrub(text: str) -> str:
    """Blank out whatever looks like a telephone number."""
    return _NUMBER.sub("…", text)


class ScrubFilter(logging.Filter):
    """Let warnings of LiveKit's loggers through, without their fields and without anything like a number."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("livekit"):
            for field in _PRIVATE:
                vars(record).pop(field, None)
            return True
        message = record.getMessage()
        if record.levelno < logging.WARNING or any(noise in message for noise in _NOISE):
            return False
        record.msg = scrub(message)
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = scrub(record.exc_text)
            record.exc_info = None
        for field in set(vars(record)) - _STANDARD - _HARMLESS:
            delattr(record, field)
        return True


def quiet_livekit() -> None:
    """Put the filter on every handler of the root logger. Job processes send their records through this one's."""
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(ScrubFilter())
