"""Which part is told which secret."""

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from callcenter.platform.embedded.environments import Environments, environments
from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.ports import free_port
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


def test_the_agent_knows_the_engine_besides_but_not_the_database(told: Environments) -> None:
    shared = set(told.attendant) - {"CALLCENTER_ATTENDANT_SEATS"}
    assert set(told.agent) == shared | {
        "LIVEKIT_URL",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
        "CALLCENTER_AGENT_SEATS",
        "CALLCENTER_AGENT_SKILLS",
    }


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
        "agent": {"LIVEKIT_API_SECRET", "CALLCENTER_DESK_SECRET"},
    }
