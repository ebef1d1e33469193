"""Logs of in-room processes: calls by id, never by room or number."""

import logging
from io import StringIO

import pytest

from callcenter.inroom.quiet import ScrubFilter
from callcenter.platform.wire.log import KeyValueFormatter

pytestmark = pytest.mark.pure


def logged(name: str, level: int, message: str, *args: object, **extra: object) -> str:
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(KeyValueFormatter("%(message)s"))
    handler.addFilter(ScrubFilter())
    record = logging.makeLogRecord(
        {
            "name": name,
            "levelno": level,
            "levelname": logging.getLevelName(level),
            "msg": message,
            "args": args,
            **extra,
        }
    )
    handler.handle(record)
    return out.getvalue()


def test_livekits_warnings_lose_numbers_and_fields() -> None:
    line = logged("livekit.agents", logging.WARNING, "participant %s left", "sip_+15550123", room="call_+15550123_x")
    assert line == "participant sip_… left\n"


def test_livekits_chatter_is_dropped() -> None:
    assert logged("livekit.agents", logging.INFO, "received job request", room="call_+15550123_x") == ""


def test_tracebacks_are_scrubbed() -> None:
    try:
        raise RuntimeError("no participant sip_+15550123")
    except RuntimeError as error:
        info = (type(error), error, error.__traceback__)
    line = logged("livekit.agents", logging.ERROR, "failed", exc_info=info)
    assert "RuntimeError" in line
    assert "5550123" not in line


def test_our_own_records_keep_their_ids_but_not_the_room_that_livekit_adds() -> None:
    line = logged("callcenter.inroom.agent.call", logging.INFO, "agent leaves", call="c1", room="call_+15550123_x")
    assert line == "agent leaves call=c1\n"


def test_a_data_channel_that_ends_with_its_room_is_no_error() -> None:
    said = "livekit::rtc_engine - publisher data channel '_reliable' closed unexpectedly"
    assert logged("livekit", logging.ERROR, said) == ""
    assert "something else" in logged("livekit", logging.ERROR, "something else closed unexpectedly")
