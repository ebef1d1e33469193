"""Which part is told which secret."""

import json
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from callcenter.platform.embedded.environments import Environments, environments
from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.livekit import livekit_server_part, livekit_sip_part
from callcenter.platform.embedded.parts import Step
from callcenter.platform.embedded.ports import InternalPorts, free_port
from callcenter.platform.embedded.postgres import PostgresServer
from callcenter.platform.embedded.redis import redis_part
from callcenter.platform.embedded.stack import plan, settings_environment
from callcenter.platform.wire.settings import Settings
from tests.platform.embedded.test_starting_conditions import settings

pytestmark = pytest.mark.pure

BASE = {
    "PATH": "/bin",
    "PYTHONUNBUFFERED": "1",
    "https_proxy": "http://proxy",
    "SSL_CERT_FILE": "/ca.pem",
    "OPENAI_KEY_OF_THE_SHOP": "sk-shop",
    "AWS_SECRET_ACCESS_KEY": "operator",
    "OUR_TRUNK_PASSWORD": "trunk",
    "DEMO_TRUNK_PASSWORD": "",
    "DATABASE_URL": "postgresql://operator@db/c",
}


def given() -> Settings:
    return settings(
        database_url="postgresql://a@b/c",
        redis_url="redis://:r@h",
        livekit_url="ws://c",
        livekit_api_key="key",
        livekit_api_secret=SecretStr("engine-secret"),
        desk_secret=SecretStr("desk-secret"),
        openai_api_key=SecretStr("sk-1"),
        model_stt_ms=5,
    )


@pytest.fixture
def told() -> Environments:
    return environments(settings_environment(given()), BASE, "generated", {"OUR_TRUNK_PASSWORD", "UNSET"})


def test_the_model_server_knows_its_own_settings_and_no_secret(told: Environments) -> None:
    assert set(told.model_server) == {
        "PATH",
        "PYTHONUNBUFFERED",
        "PYTHON_DOTENV_DISABLED",
        "CALLCENTER_LOG_LEVEL",
        "CALLCENTER_MODEL_STT_MS",
        "CALLCENTER_MODEL_LLM_MS",
        "CALLCENTER_MODEL_TTS_MS",
    }
    assert told.model_server["CALLCENTER_MODEL_STT_MS"] == "5"


def test_the_attendant_knows_desk_and_models_but_neither_engine_nor_database(told: Environments) -> None:
    assert set(told.attendant) == {
        "PATH",
        "PYTHONUNBUFFERED",
        "PYTHON_DOTENV_DISABLED",
        "https_proxy",
        "SSL_CERT_FILE",
        "OPENAI_KEY_OF_THE_SHOP",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "CALLCENTER_DESK_URL",
        "CALLCENTER_DESK_SECRET",
        "CALLCENTER_DATA_DIR",
        "CALLCENTER_ATTENDANT_SEATS",
        "CALLCENTER_DEPLOYMENT",
        "CALLCENTER_DRAIN_SECONDS",
        "CALLCENTER_LOG_LEVEL",
    }


def test_the_agent_knows_neither_the_engine_nor_the_database(told: Environments) -> None:
    shared = set(told.attendant) - {"CALLCENTER_ATTENDANT_SEATS"}
    assert set(told.agent) == shared | {"CALLCENTER_AGENT_SEATS", "CALLCENTER_AGENT_SKILLS"}


def test_passwords_of_trunks_are_for_the_step_that_applies_trunks(told: Environments) -> None:
    assert told.trunks["DEMO_TRUNK_PASSWORD"] == "generated"
    assert told.trunks["OUR_TRUNK_PASSWORD"] == "trunk"
    assert told.trunks["LIVEKIT_API_SECRET"] == "engine-secret"
    assert not {"DATABASE_URL", "CALLCENTER_DESK_SECRET", "OPENAI_API_KEY", "UNSET"} & set(told.trunks)
    for other in (told.engine, told.control, told.model_server, told.attendant, told.agent):
        assert not {"DEMO_TRUNK_PASSWORD", "OUR_TRUNK_PASSWORD"} & set(other)


def test_the_operators_own_demo_trunk_password_wins() -> None:
    told = environments({}, {"DEMO_TRUNK_PASSWORD": "mine"}, "generated", ())
    assert told.trunks["DEMO_TRUNK_PASSWORD"] == "mine"


def test_nothing_else_of_the_operators_environment_is_passed_on(told: Environments) -> None:
    for environment in (told.engine, told.control, told.trunks, told.model_server, told.attendant, told.agent):
        assert "AWS_SECRET_ACCESS_KEY" not in environment
    assert told.engine == {"PATH": "/bin"}
    assert told.control["DATABASE_URL"] == "postgresql://a@b/c"


async def test_no_secret_is_on_a_command_line_or_in_a_file_that_others_can_read(tmp_path: Path) -> None:
    """Everybody on a machine can read the command lines of its processes."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    known = given().model_copy(update={"redis_url": "redis://:redis-secret@h", "data_dir": tmp_path})
    ports = InternalPorts(postgres=1, redis=2, livekit=3, livekit_media=4, model=5, sip_node=6, sip_inside=7)
    nothing = Step("nothing", ("true",), {})
    async with httpx.AsyncClient(trust_env=False) as client:
        members = [
            PostgresServer(tmp_path, 1, "postgres-secret").part({}),
            redis_part(folder, 2, "redis-secret", {}),
            livekit_server_part(folder, known, ports, {}, client),
            livekit_sip_part(folder, known, ports, {}, nothing),
            *(member for stage in plan(
                known.model_copy(update={"openai_api_key": SecretStr(""), "http_port": free_port()}), folder, client,
                demo=True, base=BASE,
            ).stages for member in stage.members),
        ]  # fmt: skip
    words = " ".join(word for member in members for word in member.argv)
    assert "livekit.yaml" in words
    secrets = {"redis-secret", "engine-secret", "postgres-secret", "desk-secret", "sk-1"}
    secrets |= set(json.loads(folder.secrets.read_text()).values())
    assert [secret for secret in secrets if secret in words] == []
    files = [path for path in folder.root.rglob("*") if path.is_file()]
    assert {"redis.conf", "livekit.yaml", "sip.yaml", "secrets.json", "logins.json"} <= {path.name for path in files}
    assert [path for path in files if path.stat().st_mode & 0o077] == []
    assert folder.root.stat().st_mode & 0o777 == 0o700


async def test_every_part_of_a_planned_stack_has_the_environment_of_its_kind(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    async with httpx.AsyncClient(trust_env=False) as client:
        with_model = settings(
            **{**given().model_dump(), "openai_api_key": SecretStr(""), "http_port": free_port(), "data_dir": tmp_path}
        )
        stack = plan(with_model, folder, client, demo=True, base=BASE)
    secrets = {
        member.name: {
            name
            for name in ("DATABASE_URL", "LIVEKIT_API_SECRET", "CALLCENTER_DESK_SECRET", "AWS_SECRET_ACCESS_KEY")
            if name in member.environment
        }
        for stage in stack.stages
        for member in stage.members
    }
    control = {"DATABASE_URL", "LIVEKIT_API_SECRET", "CALLCENTER_DESK_SECRET"}
    assert secrets == {
        "model-server": set(),
        "migrate": control,
        "seed": control,
        "api": control,
        "router": control,
        "attendant": {"CALLCENTER_DESK_SECRET"},
        "agent": {"CALLCENTER_DESK_SECRET"},
    }
