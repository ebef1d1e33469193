"""Secrets that nobody chose: made on the first run, kept in a file that only the owner can read."""

import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from callcenter.platform.embedded.folder import DataFolder, read_json, write_json
from callcenter.platform.embedded.parts import StartError

SEEDED_USERS = ("admin@demo.test", "sam@demo.test", "kim@demo.test")


@dataclass(frozen=True)
class Secrets:
    """LiveKit asks for at least 32 characters of API secret (livekit-server, `ValidateKeys`)."""

    livekit_api_key: str
    livekit_api_secret: str
    desk_secret: str
    postgres_password: str
    redis_password: str
    demo_trunk_password: str
    secrets_key: str


def load_or_create(folder: DataFolder) -> Secrets:
    """The stack's secrets. Raises `StartError` if they are lost while a database made with them is still there."""
    stored = read_json(folder.secrets)
    if not stored:
        if (folder.postgres / "PG_VERSION").exists():
            raise StartError(
                f"{folder.secrets} is missing, but {folder.postgres} was made with its password: "
                "put the file back, or move the database folder away to start with an empty one"
            )
        created = Secrets(
            livekit_api_key=f"API{secrets.token_hex(6)}",
            livekit_api_secret=secrets.token_urlsafe(32),
            desk_secret=secrets.token_urlsafe(32),
            postgres_password=secrets.token_hex(16),
            redis_password=secrets.token_hex(16),
            demo_trunk_password=secrets.token_urlsafe(12),
            secrets_key=secrets.token_urlsafe(32),
        )
        write_json(folder.secrets, asdict(created))
        return created
    if not stored.get("secrets_key"):  # a file from before models' keys were kept
        stored["secrets_key"] = secrets.token_urlsafe(32)
        write_json(folder.secrets, stored)
    missing = [field.name for field in fields(Secrets) if not stored.get(field.name)]
    if missing:
        raise StartError(f"{folder.secrets} lacks {', '.join(missing)}: put the file back as it was")
    return Secrets(**{field.name: str(stored[field.name]) for field in fields(Secrets)})


def ensure_logins(path: Path) -> None:
    """Passwords of the seeded users as `{email: password}`, made once."""
    if not read_json(path):
        write_json(path, {email: secrets.token_urlsafe(9) for email in SEEDED_USERS})
