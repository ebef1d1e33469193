"""The commands that start, show and stop a stack, used as an operator uses them."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.ports import is_free
from tests.platform.embedded.processes import all_gone
from tests.stack import CALLCENTER, DOWN_SECONDS, Stack

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(300)]

ENGINE = ["postgres", "redis", "livekit-server", "model-server"]
PARTS = [*ENGINE, "api", "router", "attendant", "attendant", "agent", "livekit-sip"]
FIRST_SIGN_SECONDS = 60
LOOK_SECONDS = 0.1


def family(stack: Stack) -> list[int]:
    """Every process of a running stack."""
    top = psutil.Process(int((stack.data_dir / "run" / "lock").read_text()))
    return [top.pid, *(process.pid for process in top.children(recursive=True))]


def until_healthy_again(stack: Stack, name: str, old_pid: int, seconds: float = 30) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        part = stack.part(name)
        if part["healthy"] and part["pid"] != old_pid:
            return part
        time.sleep(LOOK_SECONDS)
    raise AssertionError(f"{name} is not back after {seconds} s: {stack.part(name)}")


def test_status_tells_what_the_contract_promises(stack: Stack) -> None:
    done = stack.run("status", "--json")
    status = json.loads(done.stdout)
    assert (done.returncode, status["state"]) == (0, "up")
    assert [part["name"] for part in status["parts"]] == PARTS
    assert all(part["healthy"] and psutil.pid_exists(part["pid"]) for part in status["parts"])
    assert all(Path(part["log"]).stat().st_mode & 0o777 == 0o600 for part in status["parts"])
    assert httpx.get(status["urls"]["console"]).status_code == 200
    assert status["sip"] == {"host": "127.0.0.1", "port": stack.sip[1]}
    assert status["login"]["email"] in stack.passwords
    agent = stack.part("agent")
    assert agent["worker"]
    assert agent["seats"] == 4


def test_nothing_but_media_listens_beyond_this_machine(stack: Stack) -> None:
    ours = set(family(stack))
    listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.pid in ours]
    assert {connection.laddr.ip for connection in listening if connection.laddr} == {"127.0.0.1"}


def test_in_room_processes_are_not_told_where_the_database_is(stack: Stack) -> None:
    for name in ("agent", "attendant"):
        environment = psutil.Process(stack.part(name)["pid"]).environ()
        assert environment["CALLCENTER_DESK_URL"]
        assert not [variable for variable, value in environment.items() if "postgresql://" in value]


def test_a_second_up_on_the_same_folder_says_that_it_is_running(stack: Stack) -> None:
    for arguments in (("up",), ("up", "--detach")):
        done = stack.run(*arguments)
        assert done.returncode == 1
        assert "already running" in done.stderr
    assert stack.status()["state"] == "up"


def test_a_killed_livekit_sip_is_back_on_its_port(stack: Stack) -> None:
    before = stack.part("livekit-sip")
    os.kill(before["pid"], signal.SIGKILL)
    after = until_healthy_again(stack, "livekit-sip", before["pid"])
    assert after["restarts"] == before["restarts"] + 1


def test_a_killed_postgres_is_back_and_so_is_everybody_else(stack: Stack) -> None:
    before = stack.part("postgres")
    os.kill(before["pid"], signal.SIGKILL)
    until_healthy_again(stack, "postgres", before["pid"])
    deadline = time.monotonic() + 60
    while (state := stack.status()["state"]) != "up":
        assert time.monotonic() < deadline, f"{state}: {stack.run('status').stdout}"
        time.sleep(LOOK_SECONDS)


def test_a_taken_port_is_said_at_once(stack: Stack, tmp_path: Path) -> None:
    for variable in ("CALLCENTER_HTTP_PORT", "CALLCENTER_SIP_PORT"):
        other = Stack.planned(tmp_path / variable, **{variable: stack.environment[variable]})
        done = other.run("up", "--detach")
        assert done.returncode == 1
        assert f"port {stack.environment[variable]} " in done.stderr
        assert variable in done.stderr
        assert other.status()["state"] == "down"


def test_the_demo_call_shows_both_speakers_and_is_stored_beside_another_stack(stack: Stack, tmp_path: Path) -> None:
    other = Stack.planned(tmp_path / "data")
    rung = other.run("up", "--once", seconds=200)
    assert rung.returncode == 0, rung.stdout + rung.stderr
    assert " agent " in rung.stdout
    assert " caller " in rung.stdout
    assert other.run("status").returncode == 3

    other.up()
    key = other.key("viewer")
    calls = httpx.get(f"{other.url}/api/calls", headers={"Authorization": f"Bearer {key}"}).json()["items"]
    assert [call["to"] for call in calls] == ["+15550100"]
    with psycopg.connect(other.database_url) as database:
        left = database.execute("SELECT count(*) FROM api_keys").fetchone()
    assert left == (1,), "the demo call took its key back; ours is there"

    rules = tmp_path / "closed.yaml"
    rules.write_text("rules: [{name: Closed, then: {action: message, text: We are closed.}}]")
    published = other.run("rules", "publish", str(rules))
    assert published.returncode == 0, published.stdout + published.stderr
    elsewhere = other.run("demo-call", seconds=60)
    assert (elsewhere.returncode, "We are closed." in elsewhere.stdout) == (1, True), elsewhere.stdout
    assert f"{other.url}/calls/" in elsewhere.stderr

    processes = family(other)
    other.down()
    assert all_gone(processes, seconds=0)
    assert is_free(other.sip[1], socket.SOCK_DGRAM)
    assert stack.status()["state"] == "up"


def test_status_of_nothing_is_down_with_code_3(tmp_path: Path) -> None:
    done = Stack.planned(tmp_path / "data").run("status", "--json")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (3, "down")
    assert not (tmp_path / "data").exists()


def test_down_of_nothing_succeeds(tmp_path: Path) -> None:
    assert Stack.planned(tmp_path / "data").run("down").returncode == 0


def test_a_wrong_setting_is_named_with_its_value(tmp_path: Path) -> None:
    done = Stack.planned(tmp_path, CALLCENTER_SIP_PORT="seventy").run("up")
    assert done.returncode == 1
    assert "CALLCENTER_SIP_PORT=seventy" in done.stderr
    part = Stack.planned(tmp_path, CALLCENTER_SIP_PORT="seventy").run("router")
    assert (part.returncode, "Traceback" in part.stderr) == (1, False), part.stderr


def test_a_data_folder_that_cannot_be_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for command in (("up",), ("up", "--detach")):
        done = Stack.planned(tmp_path / "file").run(*command)
        assert done.returncode == 1
        assert "CALLCENTER_DATA_DIR" in done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_half_a_livekit_is_refused(tmp_path: Path) -> None:
    done = Stack.planned(tmp_path / "data", LIVEKIT_URL="ws://127.0.0.1:1").run("up", "--detach")
    assert done.returncode == 1
    assert "LIVEKIT_API_KEY" in done.stderr


def test_ctrl_c_during_the_start_leaves_nothing_behind(tmp_path: Path) -> None:
    other = Stack.planned(tmp_path / "data")
    process = subprocess.Popen(
        [*CALLCENTER, "up"], env=other.environment, stdout=subprocess.PIPE, start_new_session=True, text=True
    )
    assert process.stdout is not None
    assert next(line for line in process.stdout if "ready after" in line)
    processes = family(other)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=DOWN_SECONDS) == 0
    assert all_gone(processes, seconds=1)


def not_ignored() -> None:
    """Ctrl-C reaches a process although these tests run in the background of a shell, which ignores it there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_during_a_detached_start_stops_what_it_started(tmp_path: Path) -> None:
    other = Stack.planned(tmp_path / "data")
    process = subprocess.Popen(
        [*CALLCENTER, "up", "--detach"],
        env=other.environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        preexec_fn=not_ignored,  # noqa: PLW1509 (it does nothing that another thread could disturb)
    )
    deadline = time.monotonic() + FIRST_SIGN_SECONDS
    while not any(part["healthy"] for part in DataFolder(other.data_dir).read_state().get("parts", [])):
        assert time.monotonic() < deadline
        time.sleep(LOOK_SECONDS)
    processes = family(other)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=DOWN_SECONDS)
    assert process.returncode == 130
    assert "stopping what was started" in said
    assert "Traceback" not in said
    assert all_gone(processes, seconds=0)
    assert other.status()["state"] == "down"
