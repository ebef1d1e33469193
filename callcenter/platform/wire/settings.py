"""Every setting of the product, read once from the environment at process start and passed down."""

from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Settings by environment variable; `.env.example` lists them all.

    The servers' own variables (`DATABASE_URL`, `LIVEKIT_URL`, …) carry no prefix, ours carry `CALLCENTER_`.
    `callcenter up` fills in whatever the environment leaves open (addresses of the embedded servers, generated
    secrets) and hands the result to its child processes through their environment, so no other process ever guesses.
    """

    model_config = SettingsConfigDict(env_prefix="CALLCENTER_", frozen=True, extra="ignore", populate_by_name=True)

    # Servers. Empty means: `callcenter up` starts an embedded one.
    database_url: str = Field("", validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    redis_url: str = Field("", validation_alias=AliasChoices("REDIS_URL", "redis_url"))
    livekit_url: str = Field("", validation_alias=AliasChoices("LIVEKIT_URL", "livekit_url"))
    livekit_public_url: str = Field("", description="Where browsers reach LiveKit; empty: at LIVEKIT_URL.")
    livekit_api_key: str = Field("", validation_alias=AliasChoices("LIVEKIT_API_KEY", "livekit_api_key"))
    livekit_api_secret: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("LIVEKIT_API_SECRET", "livekit_api_secret")
    )
    openai_api_key: SecretStr = Field(SecretStr(""), validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"))
    openai_base_url: str = Field("", validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"))

    # One machine.
    data_dir: Path = Path(".data")
    host: str = "127.0.0.1"
    http_port: int = Field(8000, ge=1, le=65535)
    sip_port: int = Field(5060, ge=1, le=65535)
    sip_edge: bool = Field(False, description="Kamailio in front of the embedded livekit-sip; docs/edge.md.")
    rtp_ports: str = Field("10000-10400", pattern=r"^\d{2,5}-\d{2,5}$")
    webhook_url: str = Field("", description="Where the embedded LiveKit sends webhooks; empty: to this API.")

    # Processes.
    routers: int = Field(1, ge=1, le=16)
    agent_workers: int = Field(1, ge=0, le=64)
    agent_seats: int = Field(4, ge=1, le=256, description="Calls at once on one agent worker.")
    agent_skills: Annotated[tuple[str, ...], NoDecode] = Field((), description="Skills this agent worker offers.")
    attendants: int = Field(1, ge=0, le=16)
    attendant_seats: int = Field(30, ge=1, le=200, description="Callers at once in one attendant process.")
    deployment: str = Field("", max_length=64, pattern=r"^[A-Za-z0-9._-]*$", description="Label of this release.")
    drain_seconds: int = Field(3600, ge=0, description="Time a draining worker's calls have to end by themselves.")

    # The desk: where in-room processes reach the control plane, and the secret that lets workers register.
    desk_url: str = "ws://127.0.0.1:8000/desk"
    desk_secret: SecretStr = SecretStr("")

    # Keys of models, kept in the database: sealed with the first of these, opened with any of them.
    secrets_key: SecretStr = Field(SecretStr(""), description="At least 32 characters; several with commas between.")
    private_model_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts in private networks that profiles may name as model servers."
    )

    # Timing of the journey, seconds.
    answer_after_seconds: float = Field(2.0, ge=0, description="Ringing time before the attendant answers.")
    offer_lease_seconds: float = Field(5.0, gt=0, description="Time a seat has to accept an offer.")
    job_closed_seconds: float = Field(2.0, gt=0, description="A job whose desk connection is closed so long is lost.")
    job_silent_seconds: float = Field(4.0, gt=0, description="A job without a beat for so long is lost.")
    worker_silent_seconds: float = Field(4.0, gt=0, description="A worker without a beat for so long is lost.")
    max_call_seconds: int = Field(3600, gt=0)
    test_call_seconds: int = Field(600, ge=10, le=3600, description="A test call from the console ends after so long.")
    voicemail_days: int = Field(90, ge=0, description="Voicemails older than this are deleted; 0: none is too old.")

    # The embedded model server: fixed latencies, milliseconds.
    model_stt_ms: int = Field(0, ge=0)
    model_llm_ms: int = Field(0, ge=0)
    model_tts_ms: int = Field(0, ge=0)

    log_level: str = "INFO"
    pulse_file: str = Field("", description="Touched every second while the event loop turns; empty: no file.")

    @field_validator("agent_skills", "private_model_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """`CALLCENTER_AGENT_SKILLS=german,billing` names two skills."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @property
    def livekit_browser_url(self) -> str:
        return self.livekit_public_url or self.livekit_url

    @cached_property
    def livekit_http_url(self) -> str:
        """The address of LiveKit's server API, derived from the WebSocket address that rooms are joined by."""
        return self.livekit_url.replace("ws://", "http://", 1).replace("wss://", "https://", 1)
