"""The embedded livekit-server and livekit-sip: their configuration for one machine, loopback only.

Keys: livekit-server v1.13.5 `config-sample.yaml` and livekit/sip v1.8.0 `pkg/config/config.go`.
"""

import signal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import yaml

from callcenter.platform.embedded.checks import http_check, sip_check
from callcenter.platform.embedded.folder import DataFolder, write_private
from callcenter.platform.embedded.parts import Part, StartError, Step
from callcenter.platform.embedded.ports import LOOPBACK, InternalPorts, parse_range
from callcenter.platform.wire.settings import Settings

ENGINE_BINARIES = Path(__file__).parents[3] / ".build" / "bin"
ROOM_EMPTY_SECONDS = 30
ROOM_DEPARTURE_SECONDS = 5
MEDIA_TIMEOUT = "20s"
# livekit-server gives up the connection of a participant whose signals Redis has not carried for so long, and with the
# caller's the call ends; by default after 7.5 s.
SIGNAL_RETRY = "60s"


def engine_binary(name: str) -> str:
    path = ENGINE_BINARIES / name
    if not path.is_file():
        raise StartError(f"{name} is not built ({path} is missing): run `make setup`")
    return str(path)


def livekit_server_part(
    folder: DataFolder,
    settings: Settings,
    ports: InternalPorts,
    environment: dict[str, str],
    client: httpx.AsyncClient,
) -> Part:
    """SIGTERM makes livekit-server wait for its participants: it gets two seconds, then the kernel frees its ports."""
    key = settings.livekit_api_key
    config = {
        "port": ports.livekit,
        "bind_addresses": [LOOPBACK],
        "keys": {key: settings.livekit_api_secret.get_secret_value()},
        "redis": _redis(settings.redis_url),
        "rtc": {
            "udp_port": ports.livekit_media,
            "tcp_port": 0,
            "node_ip": LOOPBACK,
            "use_external_ip": False,
            "enable_loopback_candidate": True,
            "ips": {"includes": [f"{LOOPBACK}/32"]},
        },
        "room": {
            "auto_create": True,
            "empty_timeout": ROOM_EMPTY_SECONDS,
            "departure_timeout": ROOM_DEPARTURE_SECONDS,
        },
        "webhook": {"api_key": key, "urls": [_webhook_url(settings)]},
        "node_selector": {"kind": "any", "sysload_limit": 100.0, "cpu_load_limit": 1.0},
        "limit": {"num_tracks": -1},
        "signal_relay": {"retry_timeout": SIGNAL_RETRY},
        "logging": {"level": "warn", "pion_level": "error"},
    }
    return Part(
        "livekit-server",
        (engine_binary("livekit-server"), "--config", _write(folder, "livekit.yaml", config)),
        environment,
        http_check(client, f"http://{LOOPBACK}:{ports.livekit}/"),
        stop_seconds=2.0,
    )


def livekit_sip_part(
    folder: DataFolder, settings: Settings, ports: InternalPorts, environment: dict[str, str], after_restart: Step
) -> Part:
    """SIGINT ends the calls with BYE; SIGTERM would wait for them without limit.

    Behind an edge it takes SIP at a port of its own.
    """
    port = ports.sip_node if settings.sip_edge else settings.sip_port
    low, high = parse_range(settings.rtp_ports)
    config = {
        "api_key": settings.livekit_api_key,
        "api_secret": settings.livekit_api_secret.get_secret_value(),
        "ws_url": settings.livekit_url,
        "redis": _redis(settings.redis_url),
        "sip_port": port,
        "listen_ip": LOOPBACK,
        "nat_1_to_1_ip": LOOPBACK,
        "rtp_port": f"{low}-{high}",
        "rtp_draining_idle_timeout": "2s",
        "max_cpu_utilization": 1.0,
        "media_timeout": MEDIA_TIMEOUT,
        "media_timeout_initial": MEDIA_TIMEOUT,
        "logging": {"level": "info"},
    }
    return Part(
        "livekit-sip",
        (engine_binary("livekit-sip"), "--config", _write(folder, "sip.yaml", config)),
        environment,
        sip_check(LOOPBACK, port),
        stop_signal=signal.SIGINT,
        stop_seconds=4.0,
        after_restart=after_restart,
    )


def _webhook_url(settings: Settings) -> str:
    return settings.webhook_url or f"http://{LOOPBACK}:{settings.http_port}/livekit/webhook"


def _redis(url: str) -> dict[str, Any]:
    """LiveKit's redis section from `redis[s]://[USER[:PASSWORD]]@HOST[:PORT][/DB]`."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise StartError("REDIS_URL: expected redis://[USER:PASSWORD@]HOST[:PORT][/DB]")
    section: dict[str, Any] = {
        "address": f"{parts.hostname}:{parts.port or 6379}",
        "db": int(parts.path.strip("/") or 0),
    }
    if parts.username:
        section["username"] = unquote(parts.username)
    if parts.password:
        section["password"] = unquote(parts.password)
    if parts.scheme == "rediss":
        section["use_tls"] = True
    return section


def _write(folder: DataFolder, name: str, config: dict[str, Any]) -> str:
    path = folder.config / name
    write_private(path, yaml.safe_dump(config, sort_keys=False))
    return str(path)
