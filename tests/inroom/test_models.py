"""The models of a brief: the endpoints it names, and detectors that stay on this machine."""

from typing import Any

import pytest
from livekit.agents import inference
from livekit.agents.voice.turn import TurnHandlingOptions
from pydantic import ValidationError

from callcenter.inroom.agent.failing import after_error
from callcenter.inroom.agent.last_words import LastWords
from callcenter.inroom.agent.models import (
    LONGEST_PAUSE_SECONDS,
    build_vad,
    http_client,
    trusted_certificates,
    turn_handling,
)
from callcenter.inroom.agent.patience import BRIDGE_AFTER_SECONDS
from callcenter.inroom.agent.tools import TOOLS, build_tools
from callcenter.inroom.sound.speech import heard_part
from callcenter.platform.wire.brief import ModelEndpoint, TurnTaking
from callcenter.platform.wire.endpoints import NO_KEY, OPENAI_URL, access
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return Settings()


def test_an_endpoint_names_its_own_address_and_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_OTHER_KEY", "secret")
    endpoint = ModelEndpoint(model="m", base_url="http://models.example/v1", api_key_env="OPENAI_OTHER_KEY")
    reach = access(endpoint, settings)
    assert (reach.base_url, reach.api_key) == ("http://models.example/v1", "secret")


@pytest.mark.parametrize(
    "name", ["LIVEKIT_API_SECRET", "CALLCENTER_DESK_SECRET", "openai_key", "OPENAI_", "X_OPENAI_KEY"]
)
def test_no_profile_can_have_another_secret_sent_to_a_model(name: str) -> None:
    with pytest.raises(ValidationError, match="api_key_env"):
        ModelEndpoint(model="m", base_url="http://models.example/v1", api_key_env=name)


def test_the_key_of_the_settings_goes_to_no_address_but_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert access(ModelEndpoint(model="m", base_url="http://models.example/v1"), Settings()).api_key == NO_KEY
    monkeypatch.setenv("OPENAI_BASE_URL", "http://models.example/v1")
    assert access(ModelEndpoint(model="m", base_url="http://models.example/v1"), Settings()).api_key == "sk-1"


def test_no_profile_can_send_the_key_of_the_settings_elsewhere_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for base_url, key in (("https://evil.example/v1", NO_KEY), (OPENAI_URL, "sk-1"), ("", "sk-1")):
        endpoint = ModelEndpoint(model="m", base_url=base_url, api_key_env="OPENAI_API_KEY")
        assert access(endpoint, Settings()).api_key == key
    monkeypatch.setenv("OPENAI_BASE_URL", "http://models.example/v1")
    endpoint = ModelEndpoint(model="m", base_url=OPENAI_URL, api_key_env="OPENAI_API_KEY")
    assert access(endpoint, Settings()).api_key == NO_KEY


def test_an_endpoint_without_an_address_is_the_one_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    reach = access(ModelEndpoint(model="m"), Settings())
    assert (reach.base_url, reach.api_key) == ("http://127.0.0.1:9/v1", "sk-1")


def test_without_any_setting_it_is_openai_and_a_server_without_keys_gets_a_word(settings: Settings) -> None:
    reach = access(ModelEndpoint(model="m"), settings)
    assert (reach.base_url, reach.api_key) == (OPENAI_URL, NO_KEY)


@pytest.mark.parametrize("variable", ["LIVEKIT_DEV_MODE", "LIVEKIT_REMOTE_EOT_URL"])
async def test_no_variable_moves_the_end_of_turn_detector_to_the_cloud(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    options: TurnHandlingOptions = turn_handling(TurnTaking(detector="end_of_turn_model"), "en")
    detector = options["turn_detection"]
    assert isinstance(detector, inference.TurnDetector)
    assert detector.model == "turn-detector-v1-mini"
    assert options["interruption"]["mode"] == "vad"


def test_plain_endpointing_asks_no_model() -> None:
    turns = TurnTaking(detector="vad", min_endpointing_delay=0.4, max_endpointing_delay=0.1)
    options = turn_handling(turns, "en")
    assert isinstance(options["turn_detection"], LastWords)
    assert options["endpointing"] == {"mode": "fixed", "min_delay": 0.4, "max_delay": 0.4}


def test_i7_no_caller_is_waited_for_in_silence_for_longer_than_a_bridge_takes() -> None:
    patient = turn_handling(TurnTaking(max_endpointing_delay=10), "en")
    assert patient["endpointing"]["max_delay"] == LONGEST_PAUSE_SECONDS < BRIDGE_AFTER_SECONDS
    by_model = turn_handling(TurnTaking(detector="end_of_turn_model", max_endpointing_delay=2), "en")
    assert by_model["endpointing"]["max_delay"] == 2


@pytest.mark.parametrize(("detector", "silence", "expected"), [("vad", 0.1, 0.1), ("end_of_turn_model", 0.1, 0.25)])
def test_the_end_of_turn_detector_gets_the_silence_it_needs(detector: Any, silence: float, expected: float) -> None:
    assert build_vad(TurnTaking(detector=detector, vad_silence=silence)).min_silence_duration == expected


def test_a_tool_that_this_version_does_not_know_is_left_out() -> None:
    class Hands:
        bridge = ""

        async def ask_desk(self, name: str, arguments: dict[str, Any]) -> Any:
            raise NotImplementedError

        async def end_call(self, ctx: Any) -> str | None:
            raise NotImplementedError

    assert [tool.id for tool in build_tools([*TOOLS, "from_the_future"], Hands())] == list(TOOLS)


@pytest.mark.parametrize(
    ("in_a_row", "has_voice", "expected"),
    [(1, True, "apologise"), (2, True, "give_up"), (1, False, "give_up")],
)
def test_a_failing_model_is_excused_once_but_an_agent_without_a_voice_goes(
    in_a_row: int, has_voice: bool, expected: str
) -> None:
    assert after_error(in_a_row, has_voice=has_voice) == expected


@pytest.mark.parametrize(
    ("share", "heard"),
    [(0.0, ""), (0.49, "All our"), (0.99, "All our agents are"), (1.0, "All our agents are busy.")],
)
def test_a_sentence_cut_short_keeps_the_words_that_were_heard(share: float, heard: str) -> None:
    assert heard_part("All our agents are busy.", share) == heard


async def test_a_connection_to_a_model_outlives_a_long_turn_of_the_caller() -> None:
    client = http_client(trusted_certificates())
    try:
        kept_seconds = client._transport._pool._keepalive_expiry  # type: ignore[attr-defined]
        assert kept_seconds >= 60
    finally:
        await client.aclose()
