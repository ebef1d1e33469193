"""What is decided, refused and remembered before the first part starts."""

import json
import os
import re
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from pydantic import SecretStr

from callcenter.platform.embedded import secrets
from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.livekit import livekit_server_part
from callcenter.platform.embedded.parts import StartError
from callcenter.platform.embedded.ports import (
    free_port,
    internal_ports,
    parse_range,
    require_free,
    require_free_range,
)
from callcenter.platform.embedded.stack import (
    Embedded,
    choose_embedded,
    require_different_ports,
    settings_environment,
)
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[3]


def settings(**values: Any) -> Settings:
    """Settings that do not look at this process' environment."""
    return Settings.model_construct(None, **defaults() | values)


def defaults() -> dict[str, Any]:
    return {name: field.get_default() for name, field in Settings.model_fields.items()}


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.prepare()
    return made


def test_without_any_address_every_server_is_embedded() -> None:
    assert choose_embedded(settings()) == Embedded(postgres=True, redis=True, livekit=True, model=True)


def test_a_server_that_is_named_is_not_embedded() -> None:
    named = settings(
        database_url="postgresql://a@b/c",
        livekit_url="ws://c",
        livekit_api_key="key",
        livekit_api_secret=SecretStr("secret"),
        openai_base_url="http://d/v1",
    )
    assert choose_embedded(named) == Embedded(postgres=False, redis=False, livekit=False, model=False)


def test_a_key_of_openai_is_enough_for_openais_models() -> None:
    assert not choose_embedded(settings(openai_api_key=SecretStr("sk-1"))).model


def test_half_a_livekit_is_refused_with_what_is_missing() -> None:
    with pytest.raises(StartError, match="LIVEKIT_URL is set but not LIVEKIT_API_KEY, LIVEKIT_API_SECRET"):
        choose_embedded(settings(livekit_url="ws://c"))


def test_children_read_exactly_the_settings_they_were_given(monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings(
        database_url="postgresql://a@b/c",
        livekit_api_secret=SecretStr("s"),
        agent_skills=("german", "billing"),
        data_dir=Path("/somewhere"),
        answer_after_seconds=1.5,
    )
    for name, value in settings_environment(given).items():
        monkeypatch.setenv(name, value)
    assert Settings().model_dump() == given.model_dump()


def test_the_example_lists_every_setting_with_its_default() -> None:
    listed = dict(re.findall(r"^# ([A-Z_]+)=(\S*)", (ROOT / ".env.example").read_text(), re.MULTILINE))
    ours = settings_environment(settings())
    assert set(ours) <= set(listed)
    numbers = {name: value for name, value in ours.items() if re.fullmatch(r"\d+(\.\d+)?", value)}
    assert {name: float(listed[name]) for name in numbers} == {name: float(value) for name, value in numbers.items()}


def test_secrets_are_made_once_and_readable_by_their_owner_only(folder: DataFolder) -> None:
    first = secrets.load_or_create(folder)
    assert secrets.load_or_create(folder) == first
    assert folder.secrets.stat().st_mode & 0o777 == 0o600
    assert len(first.livekit_api_secret) >= 32


def test_logins_are_made_once_for_the_seeded_users(folder: DataFolder) -> None:
    secrets.ensure_logins(folder.logins)
    first = json.loads(folder.logins.read_text())
    secrets.ensure_logins(folder.logins)
    assert json.loads(folder.logins.read_text()) == first
    assert sorted(first) == sorted(secrets.SEEDED_USERS)
    assert folder.logins.stat().st_mode & 0o777 == 0o600


def test_lost_secrets_are_said_and_not_replaced(folder: DataFolder) -> None:
    folder.postgres.mkdir()
    (folder.postgres / "PG_VERSION").write_text("15")
    with pytest.raises(StartError, match=r"secrets.json is missing, but .*postgres was made with its password"):
        secrets.load_or_create(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"desk_secret": "x"}'])
def test_a_damaged_secrets_file_is_named(folder: DataFolder, text: str) -> None:
    folder.secrets.write_text(text)
    with pytest.raises(StartError, match=r"secrets\.json"):
        secrets.load_or_create(folder)


def test_a_second_up_on_the_same_folder_is_told_who_runs(folder: DataFolder) -> None:
    lock = folder.acquire()
    with pytest.raises(StartError, match=rf"already running on .* \(pid {os.getpid()}\)"):
        folder.acquire()
    assert folder.holder() == os.getpid()
    os.close(lock)
    assert folder.holder() is None


def test_a_pid_left_by_a_crash_holds_nobody_up(folder: DataFolder) -> None:
    folder.lock.write_text("1")
    assert folder.holder() is None
    os.close(folder.acquire())


def test_the_data_folder_is_closed_to_others(folder: DataFolder) -> None:
    assert folder.root.stat().st_mode & 0o777 == 0o700


def test_a_file_in_place_of_the_data_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StartError, match=r"data: file exists: .*CALLCENTER_DATA_DIR"):
        DataFolder(tmp_path / "data").prepare()


@pytest.mark.parametrize("place", ["/dev/null/data", "/proc/data", "/sys/data"])
def test_a_place_for_no_folder_is_named_in_one_sentence(place: str) -> None:
    with pytest.raises(StartError, match=f"^{place}: .*CALLCENTER_DATA_DIR$"):
        DataFolder(Path(place)).prepare()


def test_a_folder_in_place_of_the_lock_is_named(folder: DataFolder) -> None:
    folder.lock.mkdir()
    for ask in (folder.acquire, folder.holder):
        with pytest.raises(StartError, match=r"run/lock: is a directory: .*CALLCENTER_DATA_DIR"):
            ask()


@pytest.mark.parametrize("ports", [{"http_port": 5060}, {"rtp_ports": "5000-5100"}])
def test_ports_that_meet_are_named_before_one_of_them_is_found_taken(ports: dict[str, Any]) -> None:
    with pytest.raises(StartError, match=r"CALLCENTER_(HTTP_PORT and )?.*SIP_PORT"):
        require_different_ports(settings(sip_port=5060, **ports))
    require_different_ports(settings(sip_port=5060))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    os.chown(tmp_path / "data", 12345, 12345)
    with pytest.raises(StartError, match=r"belongs to another user \(uid 12345\).*CALLCENTER_DATA_DIR"):
        DataFolder(tmp_path / "data").prepare()


def test_internal_ports_are_remembered_while_they_are_free(folder: DataFolder) -> None:
    first = internal_ports(folder)
    assert internal_ports(folder) == first
    with socket.create_server(("127.0.0.1", first.redis)):
        second = internal_ports(folder)
    assert second.redis != first.redis
    assert second.postgres == first.postgres


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_taken_port_is_named_with_the_setting_that_moves_it(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"port {port} \(SIP\) is taken.*CALLCENTER_SIP_PORT"):
            require_free(port, "CALLCENTER_SIP_PORT", "SIP", kind)
    require_free(free_port(kind), "CALLCENTER_SIP_PORT", "SIP", kind)


def test_a_range_of_which_most_ports_are_taken_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as neighbour:
            neighbour.bind(("127.0.0.1", port + 1))
            with pytest.raises(StartError, match=r"2 of the UDP ports .* are taken.*CALLCENTER_RTP_PORTS"):
                require_free_range(f"{port}-{port + 1}", "CALLCENTER_RTP_PORTS")


@pytest.mark.parametrize("text", ["10400-10000", "80-90", "60000-70000", "10000-10000"])
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(StartError, match=f"CALLCENTER_RTP_PORTS={text}"):
        parse_range(text)


@pytest.mark.parametrize(
    ("given", "written"),
    [("", "http://127.0.0.1:8123/livekit/webhook"), ("http://127.0.0.1:9/hook", "http://127.0.0.1:9/hook")],
)
def test_webhooks_go_to_our_api_or_where_the_setting_says(folder: DataFolder, given: str, written: str) -> None:
    named = settings(http_port=8123, webhook_url=given, redis_url="redis://127.0.0.1:6379/0", livekit_api_key="key")
    livekit_server_part(folder, named, internal_ports(folder), {}, httpx.AsyncClient())
    config = yaml.safe_load((folder.config / "livekit.yaml").read_text())
    assert config["webhook"] == {"api_key": "key", "urls": [written]}
