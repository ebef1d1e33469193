import asyncio
import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.platform.embedded import runner
from callcenter.platform.embedded.parts import ExcusedError, StartError
from tests.platform.embedded.processes import (
    HAS_A_CHILD_IN_ANOTHER_SESSION,
    IGNORES_SIGTERM,
    SAYS_WHEN_IT_ENDS,
    STAYS,
    Switch,
    Watched,
    all_gone,
    part,
    step,
    written,
)

pytestmark = pytest.mark.livekit


async def test_a_stage_starts_only_when_the_one_before_is_healthy(tmp_path: Path) -> None:
    first, second = Switch(healthy=False), Switch(healthy=True)
    members = ((part("first", STAYS, check=first),), (part("second", STAYS, check=second),))
    async with Watched(tmp_path, *members) as watched:
        starting = asyncio.create_task(watched.supervisor.start(20))
        await watched.until(lambda: watched.supervisor.states[0].detail == "switched off")
        assert watched.supervisor.states[1].pid is None

        first.healthy = True
        await starting
        assert [state.healthy for state in watched.supervisor.states] == [True, True]


async def test_a_step_is_done_before_the_next_stage_starts(tmp_path: Path) -> None:
    made = tmp_path / "made"
    needs = f"import os, sys; os.path.exists({str(made)!r}) or sys.exit(9); " + STAYS
    async with Watched(tmp_path, (step("make", f"open({str(made)!r}, 'w')"),), (part("user", needs),)) as watched:
        await watched.supervisor.start(20)
        assert watched.supervisor.states[0].restarts == 0


async def test_a_failed_step_stops_the_start_and_quotes_its_last_words(tmp_path: Path) -> None:
    members = ((step("migrate", "import sys; sys.exit('the schema is from the future')"),), (part("later", STAYS),))
    async with Watched(tmp_path, *members) as watched:
        with pytest.raises(StartError, match=r"migrate exited with code 1(.|\n)*the schema is from the future"):
            await watched.supervisor.start(20)
        assert watched.supervisor.states[0].pid is None


async def test_a_killed_part_is_back_within_a_second(tmp_path: Path) -> None:
    async with Watched(tmp_path, (part("worker", STAYS),)) as watched:
        await watched.supervisor.start(20)
        state = watched.supervisor.states[0]
        first = state.pid
        assert first is not None
        killed_at = time.monotonic()
        os.kill(first, signal.SIGKILL)
        await watched.until(lambda: state.healthy and state.pid not in (None, first))
        assert time.monotonic() - killed_at < 1.0 + runner.STARTING_INTERVAL_SECONDS
        assert state.restarts == 1


async def test_what_a_dead_part_left_behind_is_cleaned_up_when_its_successor_is_healthy(tmp_path: Path) -> None:
    cleaned = tmp_path / "cleaned"
    clean = step("clean", f"import sys; open({str(cleaned)!r}, 'w').write(sys.argv[1])")
    async with Watched(tmp_path, (replace(part("worker", STAYS), after_restart=clean),)) as watched:
        await watched.supervisor.start(20)
        state = watched.supervisor.states[0]
        assert state.pid is not None
        assert not cleaned.exists()
        os.kill(state.pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            while not cleaned.exists() or cleaned.read_text() != str(state.pid):
                await asyncio.sleep(0.05)


async def test_the_pause_grows_with_every_failure_in_a_row(tmp_path: Path) -> None:
    async with Watched(tmp_path, (part("worker", STAYS),)) as watched:
        await watched.supervisor.start(20)
        state = watched.supervisor.states[0]
        pauses = []
        for _ in range(3):
            await watched.until(lambda: state.healthy)
            assert state.pid is not None
            os.kill(state.pid, signal.SIGKILL)
            await watched.until(lambda: "next start" in state.detail)
            pauses.append(float(re.findall(r"next start in ([\d.]+) s", state.detail)[0]))
        assert pauses == list(runner.PAUSES_SECONDS[:3])


async def test_a_part_that_worked_for_a_while_is_started_again_at_once_however_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STEADY_SECONDS", 0.1)
    async with Watched(tmp_path, (part("worker", STAYS),)) as watched:
        await watched.supervisor.start(20)
        state = watched.supervisor.states[0]
        for _ in range(3):
            await watched.until(lambda: state.healthy)
            await asyncio.sleep(0.2)
            assert state.pid is not None
            os.kill(state.pid, signal.SIGKILL)
            await watched.until(lambda: "next start" in state.detail)
            assert f"next start in {runner.PAUSES_SECONDS[0]:g} s" in state.detail


@pytest.mark.parametrize(
    "program", [STAYS, "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit()); " + STAYS]
)
async def test_a_part_that_ends_as_asked_is_started_again_at_once_however_often(tmp_path: Path, program: str) -> None:
    async with Watched(tmp_path, (part("worker", program, check=written(tmp_path / "worker.log")),)) as watched:
        await watched.supervisor.start(20)
        state = watched.supervisor.states[0]
        for count in range(1, 5):
            before = state.pid
            assert before is not None
            asked_at = time.monotonic()
            os.kill(before, signal.SIGTERM)
            await watched.until(lambda before=before: state.healthy and state.pid not in (None, before))  # type: ignore[misc]
            assert time.monotonic() - asked_at < 1.0
            assert state.restarts == count
        os.kill(state.pid or 0, signal.SIGKILL)
        await watched.until(lambda: "next start" in state.detail)
        assert f"next start in {runner.PAUSES_SECONDS[0]:g} s" in state.detail, "it has not failed before"


async def test_a_part_that_never_gets_healthy_fails_the_start_with_its_last_words(tmp_path: Path) -> None:
    broken = part("broken", "import sys; sys.exit('no such thing as a port')", check=Switch(healthy=False))
    async with Watched(tmp_path, (broken,)) as watched:
        with pytest.raises(StartError, match=r"broken exited with code 1(.|\n)*no such thing as a port"):
            await watched.supervisor.start(20)


async def test_a_start_that_takes_too_long_names_the_part_that_is_not_ready(tmp_path: Path) -> None:
    async with Watched(tmp_path, (part("slow", STAYS, check=Switch(healthy=False)),)) as watched:
        with pytest.raises(StartError, match=r"not ready after 1 s: slow: switched off"):
            await watched.supervisor.start(1)


async def test_a_part_that_hangs_is_killed_and_started_again(tmp_path: Path) -> None:
    check = Switch(healthy=True)
    async with Watched(tmp_path, (part("api", STAYS, check=check, hang_seconds=0.5),)) as watched:
        await watched.supervisor.start(20)
        state = watched.supervisor.states[0]
        first = state.pid
        check.healthy = False
        await watched.until(lambda: "hung" in state.detail)
        check.healthy = True
        await watched.until(lambda: state.healthy)
        assert state.pid != first
        assert first is not None
        assert all_gone([first])


async def test_a_part_of_which_nobody_can_tell_is_not_killed_for_it(tmp_path: Path) -> None:
    check = Switch(healthy=True, error=ExcusedError)
    async with Watched(tmp_path, (part("agent", STAYS, check=check, hang_seconds=0.5),)) as watched:
        await watched.supervisor.start(20)
        state = watched.supervisor.states[0]
        first = state.pid
        check.healthy = False
        await watched.until(lambda: not state.healthy)
        await asyncio.sleep(1.2)
        check.healthy = True
        await watched.until(lambda: state.healthy)
        assert (state.pid, state.restarts) == (first, 0)


async def test_stopping_is_bounded_for_a_part_that_ignores_sigterm(tmp_path: Path) -> None:
    async with Watched(tmp_path, (part("deaf", IGNORES_SIGTERM, stop_seconds=0.5),)) as watched:
        await watched.supervisor.start(20)
        pid = watched.supervisor.states[0].pid
        begun = time.monotonic()
        await watched.supervisor.stop()
        assert time.monotonic() - begun < 3
        assert pid is not None
        assert all_gone([pid])


async def test_stopping_a_part_ends_its_children_in_other_sessions_too(tmp_path: Path) -> None:
    report = tmp_path / "pids"
    member = part("agent", HAS_A_CHILD_IN_ANOTHER_SESSION, str(report), check=written(report))
    async with Watched(tmp_path, (member,)) as watched:
        await watched.supervisor.start(20)
        await watched.supervisor.stop()
    assert all_gone(numbers(report))


async def test_parts_stop_in_reverse_order(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    members = []
    for name in ("first", "second", "third"):
        begun = tmp_path / name
        members.append((part(name, SAYS_WHEN_IT_ENDS, name, str(begun), str(ended), check=written(begun)),))
    async with Watched(tmp_path, *members) as watched:
        await watched.supervisor.start(20)
    assert ended.read_text().split() == ["third", "second", "first"]


async def test_what_a_part_says_is_filed_for_its_owner_only(tmp_path: Path) -> None:
    log = tmp_path / "talker.log"
    talker = part("talker", "print('one word', flush=True); " + STAYS, check=written(log))
    async with Watched(tmp_path, (talker,)) as watched:
        await watched.supervisor.start(20)
    assert log.read_text().splitlines() == ["one word", "at work"]
    assert mode(log) == 0o600


def numbers(path: Path) -> list[int]:
    return [int(number) for number in path.read_text().split()]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
