"""Which parts make up the stack under these settings, in which order they start, and what each of them is told."""

import os
import re
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import AliasChoices, SecretStr

from callcenter.platform.embedded.checks import DeskParts, http_check
from callcenter.platform.embedded.edge import require_edge, sip_edge_part
from callcenter.platform.embedded.environments import Environments, environments
from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.livekit import livekit_server_part, livekit_sip_part
from callcenter.platform.embedded.parts import Part, Stage, StartError, Step
from callcenter.platform.embedded.ports import (
    LOOPBACK,
    InternalPorts,
    internal_ports,
    parse_range,
    require_free,
    require_free_range,
)
from callcenter.platform.embedded.postgres import PostgresServer
from callcenter.platform.embedded.redis import redis_part, redis_url
from callcenter.platform.embedded.secrets import Secrets, ensure_logins, load_or_create
from callcenter.platform.wire.settings import Settings
from sip.config import default_files
from sip.edge.behind import VARIABLE as BEHIND_EDGE

PLACEHOLDER_KEY = "no-key-needed"
_REFERENCE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Embedded:
    """Which servers `up` starts because the settings name no other."""

    postgres: bool
    redis: bool
    livekit: bool
    model: bool


@dataclass(frozen=True)
class Stack:
    """A planned stack: complete settings, the environment of a command about it, and the stages that bring it up."""

    settings: Settings
    environment: dict[str, str]
    stages: tuple[Stage, ...]


def choose_embedded(settings: Settings) -> Embedded:
    """Raises `StartError` when LiveKit is named by half: address, key and secret belong together."""
    named = {
        "LIVEKIT_URL": settings.livekit_url,
        "LIVEKIT_API_KEY": settings.livekit_api_key,
        "LIVEKIT_API_SECRET": settings.livekit_api_secret.get_secret_value(),
    }
    missing = [name for name, value in named.items() if not value]
    if 0 < len(missing) < len(named):
        given = ", ".join(name for name in named if name not in missing)
        raise StartError(f"{given} is set but not {', '.join(missing)}: set all three for your own LiveKit, or none")
    livekit = bool(missing)
    return Embedded(
        postgres=not settings.database_url,
        redis=livekit and not settings.redis_url,
        livekit=livekit,
        model=not settings.openai_api_key.get_secret_value() and not settings.openai_base_url,
    )


def settings_environment(settings: Settings) -> dict[str, str]:
    """Every setting as the environment variable that `Settings()` reads it from."""
    environment = {}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"CALLCENTER_{name.upper()}"
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        elif isinstance(value, tuple):
            value = ",".join(value)
        elif isinstance(value, Path):
            value = value.absolute()
        environment[variable] = str(value)
    return environment


def plan(
    settings: Settings, folder: DataFolder, client: httpx.AsyncClient, *, demo: bool, base: Mapping[str, str]
) -> Stack:
    """Decide, pick ports, make secrets, write the engine's configuration, prepare the database folder.

    `base` is the environment that our own processes take little of (`environments`); `demo` seeds the demo company into
    an outside database.
    Raises `StartError` for whatever would keep the stack from coming up and can be known before.
    """
    embedded = choose_embedded(settings)
    require_edge(settings, embedded.livekit)
    _require_outside_ports(settings, embedded)
    secrets = load_or_create(folder)
    ports = internal_ports(folder)
    postgres = PostgresServer(folder.postgres, ports.postgres, secrets.postgres_password)
    complete = _complete(settings, embedded, secrets, ports, postgres.url)
    told = environments(settings_environment(complete), base, secrets.demo_trunk_password, _trunk_secrets())
    engine = told.engine
    servers, backends, edge = list[Part](), list[Part](), list[Part]()
    if embedded.postgres:
        postgres.prepare()
        servers.append(postgres.part(engine))
    if embedded.redis:
        servers.append(redis_part(folder, ports.redis, secrets.redis_password, engine))
    if embedded.livekit:
        backends.append(livekit_server_part(folder, complete, ports, engine, client))
        lost_legs = Step("lost-legs", callcenter_command("lost-legs"), told.control, timeout_seconds=20.0)
        edge.append(livekit_sip_part(folder, complete, ports, engine, lost_legs))
        if complete.sip_edge:
            edge.append(sip_edge_part(folder, complete, ports, f"{api_url(complete)}/edge/state", engine))
            told.trunks[BEHIND_EDGE] = LOOPBACK
    if embedded.model:
        backends.append(_model_part(ports.model, told.model_server, client))
    stages = (
        Stage(tuple(servers)),
        Stage(tuple(backends)),
        *_data_stages(told, folder, trunks=embedded.livekit, demo=embedded.postgres or demo),
        *_own_stages(complete, told, client),
        Stage(tuple(edge)),
    )
    return Stack(complete, told.control, tuple(stage for stage in stages if stage.members))


def python_command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def callcenter_command(*arguments: str) -> tuple[str, ...]:
    return python_command("callcenter.platform.entrypoints.cli", *arguments)


def api_url(settings: Settings) -> str:
    """Where this machine reaches the API, whatever it listens on."""
    host = LOOPBACK if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104 (compared, not bound)
    return f"http://{host}:{settings.http_port}"


def _require_outside_ports(settings: Settings, embedded: Embedded) -> None:
    if embedded.livekit:
        require_different_ports(settings)
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    require_free(settings.http_port, "CALLCENTER_HTTP_PORT", "console and API", stream, host=settings.host)
    if embedded.livekit:
        require_free(settings.sip_port, "CALLCENTER_SIP_PORT", "SIP", datagram, stream)
        require_free_range(settings.rtp_ports, "CALLCENTER_RTP_PORTS")


def require_different_ports(settings: Settings) -> None:
    """Raises `StartError` when SIP is to have a port that the console or RTP is to have too."""
    if settings.http_port == settings.sip_port:
        raise StartError(
            f"CALLCENTER_HTTP_PORT and CALLCENTER_SIP_PORT are both {settings.sip_port}: give each a port of its own"
        )
    low, high = parse_range(settings.rtp_ports)
    if low <= settings.sip_port <= high:
        raise StartError(
            f"CALLCENTER_SIP_PORT={settings.sip_port} lies within CALLCENTER_RTP_PORTS={settings.rtp_ports}: "
            "move one of them"
        )


def _complete(
    settings: Settings, embedded: Embedded, secrets: Secrets, ports: InternalPorts, database_url: str
) -> Settings:
    update: dict[str, object] = {"data_dir": settings.data_dir.absolute()}
    if embedded.postgres:
        update["database_url"] = database_url
    if embedded.redis:
        update["redis_url"] = redis_url(ports.redis, secrets.redis_password)
    if embedded.livekit:
        update["livekit_url"] = f"ws://{LOOPBACK}:{ports.livekit}"
        update["livekit_api_key"] = secrets.livekit_api_key
        update["livekit_api_secret"] = SecretStr(secrets.livekit_api_secret)
    if embedded.model:
        update["openai_base_url"] = f"http://{LOOPBACK}:{ports.model}/v1"
    if not settings.openai_api_key.get_secret_value():
        update["openai_api_key"] = SecretStr(PLACEHOLDER_KEY)
    if not settings.desk_secret.get_secret_value():
        update["desk_secret"] = SecretStr(secrets.desk_secret)
    if not settings.secrets_key.get_secret_value():
        update["secrets_key"] = SecretStr(secrets.secrets_key)
    if "desk_url" not in settings.model_fields_set:
        update["desk_url"] = api_url(settings).replace("http://", "ws://", 1) + "/desk"
    return settings.model_copy(update=update)


def _model_part(port: int, environment: dict[str, str], client: httpx.AsyncClient) -> Part:
    return Part(
        "model-server",
        python_command("callcenter.platform.embedded.model_server", "--port", str(port)),
        environment,
        http_check(client, f"http://{LOOPBACK}:{port}/v1/models"),
    )


def _trunk_secrets() -> set[str]:
    """The variables that trunk files refer to as `${NAME}`."""
    return {name for file in default_files() for name in _REFERENCE.findall(file.read_text(errors="replace"))}


def _data_stages(told: Environments, folder: DataFolder, *, trunks: bool, demo: bool) -> tuple[Stage, ...]:
    """Schema and trunks, then the demo company (the seed leaves data that is already there alone)."""
    steps = [Step("migrate", callcenter_command("migrate"), told.control)]
    if trunks:
        # The engine is ours alone and its trunks are the files', so what the files no longer name may go.
        steps.append(Step("trunks", python_command("sip", "apply", "--allow-delete"), told.trunks))
    if not demo:
        return (Stage(tuple(steps)),)
    ensure_logins(folder.logins)
    seed = Step("seed", callcenter_command("seed", "--passwords-file", str(folder.logins)), told.control)
    return Stage(tuple(steps)), Stage((seed,))


def _own_stages(settings: Settings, told: Environments, client: httpx.AsyncClient) -> tuple[Stage, Stage]:
    """The API, then everybody who reports to it."""
    url = api_url(settings)
    desk = DeskParts(client, url, settings.desk_secret.get_secret_value())
    api = Part(
        "api",
        callcenter_command("api"),
        told.control,
        http_check(client, f"{url}/healthz"),
        stop_seconds=7.0,
        echo=True,
    )

    def replicas(
        name: str, count: int, argv: tuple[str, ...], env: Mapping[str, str], hang_seconds: float
    ) -> list[Part]:
        return [
            Part(name, argv, env, desk.check(), replica=number, hang_seconds=hang_seconds, echo=True)
            for number in range(1, count + 1)
        ]

    # The agent's job processes import the worker's main module, so that is the agent's own and not the whole CLI.
    agent = python_command("callcenter.platform.entrypoints.agent")
    workers = (
        *replicas("router", settings.routers, callcenter_command("router"), told.control, 10.0),
        *replicas("attendant", _with_spare(settings.attendants), callcenter_command("attendant"), told.attendant, 6.0),
        # Its calls talk on without it, and would end with it.
        *replicas("agent", settings.agent_workers, agent, told.agent, 60.0),
    )
    return Stage((api,)), Stage(workers)


def _with_spare(attendants: int) -> int:
    """One attendant alone would leave its callers in silence until it is started again (docs/decisions/0008)."""
    return max(2, attendants) if attendants else 0


def inherited_environment() -> dict[str, str]:
    """What our own processes may take from whoever started `up`, unbuffered so that logs are whole after a crash."""
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
