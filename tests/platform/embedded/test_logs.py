from pathlib import Path

import pytest

from callcenter.platform.embedded.logs import KEPT_FILES, Echo, PartLog, Terminal, split_lines

pytestmark = pytest.mark.pure


def test_a_full_log_is_put_aside_and_the_oldest_is_dropped(tmp_path: Path) -> None:
    log = PartLog(tmp_path, "api", max_bytes=10)
    for number in range(KEPT_FILES + 3):
        log.write(f"line {number}\n".encode())
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["api.log", "api.log.1", "api.log.2", "api.log.3"]
    assert log.path.read_text() == f"line {KEPT_FILES + 2}\n"
    assert (tmp_path / "api.log.3").read_text() == "line 2\n"
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_a_log_goes_on_where_the_last_start_ended(tmp_path: Path) -> None:
    for word in (b"one\n", b"two\n"):
        log = PartLog(tmp_path, "api")
        position = log.position()
        log.write(word)
        assert log.since(position, 5) == [word.decode().strip()]
        log.close()
    assert log.path.read_text() == "one\ntwo\n"


def test_lines_come_out_whole_however_they_arrive() -> None:
    lines, rest = split_lines(b"", b"first\nsec")
    more, rest = split_lines(rest, b"ond\r\nthird")
    assert (lines, more, rest) == (["first"], ["second"], b"third")


def test_the_terminal_puts_the_parts_name_before_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.line("api", "2026-11-21 08:00:00,000 INFO here")
    assert capsys.readouterr().out == "api            │ 2026-11-21 08:00:00,000 INFO here\n"


def test_no_part_can_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """The engine's lines hold what callers' phones send."""
    Terminal().line("livekit-sip", "INFO from=\x1b[2J\x1b]0;owned\x07\rapi │ all is well\tyes")
    assert capsys.readouterr().out == (
        "livekit-sip    │ INFO from=\\x1b[2J\\x1b]0;owned\\x07\\x0dapi │ all is well\tyes\n"
    )


def test_while_only_trouble_is_wanted_each_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(Echo.TROUBLE)
    terminal.line("api", "2026-11-21 08:00:00,000 INFO here")
    terminal.line("api", "2026-11-21 08:00:00,000 ERROR there")
    terminal.line("api", "2026-11-21 08:00:01,000 ERROR there")
    terminal.say("api", "ready")
    assert [line.split("│ ")[1] for line in capsys.readouterr().out.splitlines()] == [
        "2026-11-21 08:00:00,000 ERROR there",
        "ready",
    ]
