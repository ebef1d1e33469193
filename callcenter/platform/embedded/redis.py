"""The embedded Redis: LiveKit's message bus and its store of SIP trunks and dispatch rules."""

import shutil

from callcenter.platform.embedded.checks import redis_check
from callcenter.platform.embedded.folder import DataFolder, write_private
from callcenter.platform.embedded.parts import Part, StartError
from callcenter.platform.embedded.ports import LOOPBACK


def redis_url(port: int, password: str) -> str:
    return f"redis://:{password}@{LOOPBACK}:{port}/0"


def redis_part(folder: DataFolder, port: int, password: str, environment: dict[str, str]) -> Part:
    """Appends every write to a file, because LiveKit keeps the SIP trunks there and they must outlive a restart."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise StartError("redis-server is not installed: run `make setup`, or set REDIS_URL")
    config = folder.config / "redis.conf"
    write_private(
        config,
        "\n".join(
            (
                f"bind {LOOPBACK}",
                f"port {port}",
                f"requirepass {password}",
                f'dir "{folder.redis}"',
                "appendonly yes",
                'save ""',
                "daemonize no",
                "loglevel warning",
                'logfile ""',
                "",
            )
        ),
    )
    return Part("redis", (binary, str(config)), environment, redis_check(LOOPBACK, port, password))
