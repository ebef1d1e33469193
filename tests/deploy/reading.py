"""What the deployment files say, read once."""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import AliasChoices

from callcenter.platform.wire.settings import Settings

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "callcenter"
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
TEMPLATES = {path.name: path.read_text() for path in sorted((CHART / "templates").iterdir())}
DOCKERFILE = (ROOT / "Dockerfile").read_text()

_UNITS = {"s": 1, "m": 60, "h": 3600}
_REFERENCE = re.compile(r"(?<!\$)\$\{(\w+)(?::?([-?+])((?:[^{}]|\{[^{}]*\})*))?\}")

# Read by somebody else than `Settings`: sip/edge/behind.py; uvicorn.
NOT_SETTINGS = {"CALLCENTER_SIP_BEHIND_EDGE", "FORWARDED_ALLOW_IPS"}


def variables_of_settings() -> set[str]:
    """Every variable that `Settings` reads."""
    prefix = str(Settings.model_config["env_prefix"])
    aliases = {name: field.validation_alias for name, field in Settings.model_fields.items()}
    return {
        str(alias.choices[0]) if isinstance(alias, AliasChoices) else (prefix + name).upper()
        for name, alias in aliases.items()
    }


def ours() -> dict[str, dict[str, Any]]:
    """The services that run our own image."""
    return {name: service for name, service in SERVICES.items() if "CALLCENTER_IMAGE" in service["image"]}


def seconds(duration: str) -> int:
    """`62m`, `1h2m` or `15s` in seconds."""
    parts = re.findall(r"(\d+)([smh])", duration)
    assert "".join(count + unit for count, unit in parts) == duration, duration
    return sum(int(count) * _UNITS[unit] for count, unit in parts)


def interpolated(text: str, **given: str) -> str:
    """As Compose would fill it in, with `given` for what must be set, and the word `given` for the rest of it."""

    def value(found: re.Match[str]) -> str:
        name, kind, word = found[1], found[2], found[3] or ""
        if kind == "+":
            return interpolated(word, **given) if name in given else ""
        if kind == "-" and name not in given:
            return interpolated(word, **given)
        return given.get(name, "given")

    return _REFERENCE.sub(value, text).replace("$$", "$")


def asked_for(text: str) -> dict[str, str]:
    """Every variable that Compose fills in, with `?` where it refuses to start without."""
    found: dict[str, str] = {}
    for name, kind in re.findall(r"(?<!\$)\$\{(\w+):?([-?+]?)", text):
        found[name] = "?" if "?" in (kind, found.get(name)) else kind
    return found


def version(tag: str) -> tuple[int, ...]:
    """The numbers at a tag's start: `v1.11.0` and `7.4.5-bookworm` alike."""
    found = re.match(r"v?(\d+(?:\.\d+)+)", tag)
    assert found, f"{tag} names no version"
    return tuple(map(int, found[1].split(".")))
