"""A line of the log is one line, whatever a caller's phone or a worker sends."""

import logging

import pytest

from callcenter.platform.wire.log import KeyValueFormatter

pytestmark = pytest.mark.pure

FORGED = "w-1\r\n2026-11-22 09:00:00,000 INFO callcenter all is well\x1b[2J\x1b]0;title\x07\x85\u2028"


def test_a_value_cannot_begin_a_line_of_its_own_or_command_the_terminal() -> None:
    record = logging.makeLogRecord({"msg": "worker registered", "levelname": "INFO", "worker": FORGED})
    line = KeyValueFormatter("%(levelname)s %(message)s").format(record)
    assert len(line.splitlines()) == 1
    assert line.startswith("INFO worker registered worker=w-1\\x0d\\x0a2026")
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line)
