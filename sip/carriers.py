"""Presets: what carriers document of their trunks, kept as data with source and date, and filled into a trunk."""

import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

FOLDER = Path(__file__).parent / "presets"
Direction = Literal["inbound", "outbound"]
_Source = Annotated[str, StringConstraints(pattern=r"^https://\S+$")]


class Value(BaseModel):
    """One documented value. `source`: the page that says so. `verify`: the page itself could not be read when this was
    written down, or two pages differ; whoever uses it compares first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: str | tuple[str, ...] | dict[str, str]
    source: _Source
    verify: bool = False


class Missing(BaseModel):
    """A value that no preset can know: `where` says where the operator finds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str
    source: _Source


class Preset(BaseModel):
    """What is known of one carrier.

    `inbound`, `outbound`: values by the field of the trunk they fill in. `missing`: fields the operator must enter, by
    direction. `digest_on_inbound`: whether the carrier can answer a digest challenge to its INVITEs. `facts`: what no
    field of a trunk holds (ports, REFER, media addresses), for the page of the carrier and for people.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    carrier: str
    looked_up: datetime.date
    digest_on_inbound: Literal["yes", "no", "verify"]
    inbound: dict[str, Value] = Field(default_factory=dict)
    outbound: dict[str, Value] = Field(default_factory=dict)
    missing: dict[Direction, dict[str, Missing]] = Field(default_factory=dict)
    facts: dict[Literal["ports", "media", "refer", "srtp", "digest", "limits"], Value]


def names() -> tuple[str, ...]:
    """The presets there are."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))


@cache
def preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name not in names():
        raise ValueError(f"is not a preset; expected one of {', '.join(names())}")
    return Preset.model_validate(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def filled(name: str, direction: Direction, written: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A trunk as written, completed with what the preset knows, and where each completed field came from.

    What is written wins, field by field.

    Raises:
        ValueError: there is no such preset, the trunk lacks what only the operator can know, or it asks the carrier for
            what it cannot do; the message says where to find or what to write instead.
    """
    known = preset(name)
    trunk: dict[str, Any] = dict(written)
    origins: dict[str, str] = {}
    for path, value in (known.inbound if direction == "inbound" else known.outbound).items():
        if _put(trunk, path.split("."), value.value):
            note = ", verify" if value.verify else ""
            origins[path] = f"preset {name}{note}"
    digest = _at(written, ["authentication", "digest"])
    if direction == "inbound" and digest is not None and known.digest_on_inbound == "no":
        raise ValueError(
            f"{known.carrier} answers no digest challenge, so its calls would all be refused; leave out "
            "authentication.digest: its source addresses are the authentication"
        )
    for path, missing in known.missing.get(direction, {}).items():
        replaced = direction == "inbound" and path == "authentication.addresses" and digest is not None
        if _at(trunk, path.split(".")) is None and not replaced:
            raise ValueError(f"{path} is missing, which preset {name} cannot know: {missing.where} ({missing.source})")
    return trunk, origins


def _at(trunk: Any, path: list[str]) -> Any:
    for step in path:
        if not isinstance(trunk, Mapping) or step not in trunk:
            return None
        trunk = trunk[step]
    return trunk


def _put(trunk: dict[str, Any], path: list[str], value: str | tuple[str, ...] | dict[str, str]) -> bool:
    """Set the field unless it is written; a parent that is written as something else is left to the schema."""
    for step in path[:-1]:
        inner = trunk.get(step) or {}
        if not isinstance(inner, Mapping):
            return False
        trunk[step] = dict(inner)
        trunk = trunk[step]
    if path[-1] in trunk:
        return False
    trunk[path[-1]] = list(value) if isinstance(value, tuple) else value
    return True
