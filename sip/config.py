"""The trunk file: its schema, and errors that name the file, the line, the field and what would be right."""

import difflib
import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails

from sip import marked_yaml
from sip.errors import ConfigError, Problem

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]

_E164 = re.compile(r"^\+[1-9]\d{6,14}$")
_PREFIX = re.compile(r"^\+[1-9]\d{0,14}$")
_REFERENCE = re.compile(r"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")
_EXPECTED = {
    "string_pattern_mismatch": "expected a lower-case name of letters, digits and hyphens, such as demo-digest",
    "int_parsing": "expected a whole number of seconds",
    "bool_parsing": "expected true or false",
    "missing": "is missing",
    "tuple_type": "expected a list",
    "dict_type": "expected a mapping of names",
    "model_type": "expected a mapping of fields",
    "string_type": "expected text",
}


def _e164(value: object) -> object:
    if not isinstance(value, str) or not _E164.match(value):
        raise ValueError("expected a number in E.164 (ITU-T), + and 7 to 15 digits, such as +15550100")
    return value


def _prefix(value: object) -> str:
    compact = re.sub(r"[\s().-]", "", value) if isinstance(value, str) else ""
    if not _PREFIX.match(compact):
        raise ValueError("expected the beginning of an E.164 number, + and 1 to 15 digits, such as +49 or +4930")
    return compact


def _network(value: object) -> str:
    """A source address in the form LiveKit compares with: a network with its length.

    Host names are refused: livekit-sip does not resolve them but compares them with the host in the caller's From
    header, which the caller writes (`matchAddrMasks` in livekit/protocol's `sip/sip.go`).
    """
    if not isinstance(value, str):
        raise ValueError("expected an address or a network, such as 203.0.113.7 or 203.0.113.0/24")
    try:
        interface = ipaddress.ip_interface(value)
    except ValueError:
        raise ValueError(
            "expected an IP address or network, such as 203.0.113.0/24; a host name would be compared with what the "
            "caller writes into From, which is no authentication"
        ) from None
    if "/" in value and interface.ip != interface.network.network_address:
        raise ValueError(f"has bits after the network's length; expected {interface.network}")
    return str(interface.network)


def _secret(value: object, info: ValidationInfo) -> str:
    reference = _REFERENCE.match(value) if isinstance(value, str) else None
    if reference is None:
        raise ValueError(
            "expected a reference to an environment variable, such as ${TRUNK_PASSWORD}: no secret in files"
        )
    environ: Mapping[str, str] = (info.context or {}).get("environ", {})
    secret = environ.get(reference[1], "")
    if not secret:
        raise ValueError(
            f"the environment variable {reference[1]} is not set or empty; without a password livekit-sip would ask "
            "for none"
        )
    return secret


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Digest(_Strict):
    """Digest credentials that every INVITE to the trunk must carry (RFC 3261, section 22)."""

    username: Annotated[str, StringConstraints(min_length=1)]
    password: Annotated[SecretStr, BeforeValidator(_secret)]
    realm: str = ""


class Authentication(_Strict):
    """How a trunk knows its carrier: source addresses, digest credentials, or both (then both must fit)."""

    addresses: tuple[Annotated[str, BeforeValidator(_network)], ...] = ()
    digest: Digest | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.digest is None and not self.addresses:
            raise ValueError("expected addresses, digest or both: a trunk without authentication admits anybody")
        if self.digest is None and any(address.endswith("/0") for address in self.addresses):
            raise ValueError("a network of length 0 is the whole internet; expected the carrier's addresses, or digest")
        return self


class Guard(_Strict):
    """What one outbound trunk may be used for: the house's own limit against toll fraud, beside the carrier's.

    `prefixes`: the beginnings of the numbers that may be called, in E.164, such as "+49".
    `calls_per_hour`, `calls_per_day`: calls begun in any 60 minutes, and in any 24 hours.
    `concurrent`: calls at the same time. The defaults suit a small office; the upper bounds refuse a slip of the pen.
    """

    prefixes: tuple[Annotated[str, BeforeValidator(_prefix)], ...] = Field(min_length=1)
    calls_per_hour: int = Field(60, ge=1, le=10_000)
    calls_per_day: int = Field(500, ge=1, le=100_000)
    concurrent: int = Field(2, ge=1, le=500)


class InboundTrunk(_Strict):
    """One carrier connection that brings calls in.

    `ringing_timeout_seconds`: the longest a caller hears ringing before 486. 120 stays under the three minutes after
    which a SIP proxy gives up by itself (Timer C, RFC 3261, section 16.6), so that the end is ours; livekit-sip's own
    default is 180 (`defaultRingingTimeout`, livekit/sip `pkg/sip/participant.go`).
    `max_call_seconds`: a backstop behind the product's own limit, which ends a call with a sentence instead of a
    click; livekit-sip's default and cap is 24 hours (`maxCallDuration`, same file).
    `media_timeout_seconds`: silence on the wire (no RTP) after which the call is hung up. livekit-sip's default of 15
    ends calls of carriers that stop RTP on mute or hold (livekit/sip issues 337 and 812).
    """

    numbers: tuple[Annotated[str, BeforeValidator(_e164)], ...] = ()
    catch_all: bool = False
    authentication: Authentication
    ringing_timeout_seconds: int = Field(120, ge=5, le=180)
    max_call_seconds: int = Field(7200, ge=60, le=86400)
    media_timeout_seconds: int = Field(60, ge=15, le=600)
    room_prefix: Name | None = None

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not self.numbers and not self.catch_all:
            raise ValueError("expected at least one number in numbers, or catch_all: true")
        if len(set(self.numbers)) != len(self.numbers):
            raise ValueError("a number is listed twice in numbers")
        return self


class TrunkFile(_Strict):
    """One file of trunks. In LiveKit, `owner` marks what belongs to this installation; the rest is not touched."""

    owner: Name = "callcenter"
    inbound: dict[Name, InboundTrunk] = Field(default_factory=dict)


def load(files: Sequence[Path], environ: Mapping[str, str]) -> tuple[TrunkFile, ...]:
    """Read and check trunk files; `environ` resolves `${NAME}` references.

    Raises:
        ConfigError: with every mistake found, each naming file, line, field, value and what would be right.
    """
    documents: list[marked_yaml.MarkedDocument] = []
    parsed: list[TrunkFile] = []
    problems: list[Problem] = []
    for file in files:
        try:
            document = marked_yaml.read(str(file), file.read_text(encoding="utf-8"))
            parsed.append(TrunkFile.model_validate(document.value or {}, context={"environ": environ}))
            documents.append(document)
        except ValidationError as error:
            problems += [_problem(document, details) for details in error.errors()]
        except ConfigError as error:
            problems += error.problems
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(str(file), 1, "", "", f"cannot be read: {error}"))
    problems += _overlaps(zip(documents, parsed, strict=True))
    if problems:
        raise ConfigError(problems)
    return tuple(parsed)


def _problem(document: marked_yaml.MarkedDocument, details: ErrorDetails) -> Problem:
    path = tuple(step for step in details["loc"] if step != "[key]")
    written = document.written_at(path)
    shown = str(written) if isinstance(written, str) and "password" not in path else ""
    expected = str(details.get("ctx", {}).get("error", "")) or _EXPECTED.get(details["type"], details["msg"])
    if details["type"] == "extra_forbidden":
        shown, expected = "", _unknown_field(path)
    return Problem(document.file, document.line_of(path), ".".join(map(str, path)), shown, expected)


def _unknown_field(path: tuple[int | str, ...]) -> str:
    models: dict[int, type[BaseModel]] = {1: TrunkFile, 3: InboundTrunk, 4: Authentication, 5: Digest}
    known = list(models[len(path)].model_fields) if len(path) in models else []
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f"is not a field here{meant} Fields: {', '.join(known)}" if known else "is not a field here"


def _overlaps(loaded: Iterable[tuple[marked_yaml.MarkedDocument, TrunkFile]]) -> list[Problem]:
    """Numbers, names and catch-alls that more than one trunk claims."""
    seen: dict[str, str] = {}
    problems: list[Problem] = []

    def claim(
        document: marked_yaml.MarkedDocument, path: tuple[str | int, ...], key: str, value: str, why: str
    ) -> None:
        here = f"{document.file}:{document.line_of(path)}"
        if key in seen:
            field = ".".join(map(str, path))
            problems.append(Problem(document.file, document.line_of(path), field, value, f"{why} ({seen[key]})"))
        seen.setdefault(key, here)

    for document, file in loaded:
        for name, trunk in file.inbound.items():
            at: tuple[str | int, ...] = ("inbound", name)
            claim(document, at, f"name {name}", name, "another trunk already has this name")
            for index, number in enumerate(trunk.numbers):
                why = "another trunk already has this number; LiveKit would answer its calls with 503"
                claim(document, (*at, "numbers", index), f"number {number}", number, why)
            if trunk.catch_all:
                why = "another trunk is the catch-all already; LiveKit takes one only, whatever the addresses"
                claim(document, (*at, "catch_all"), "catch_all", "true", why)
    return problems


def default_files() -> tuple[Path, ...]:
    """Every trunk file of this folder: what `plan` and `apply` take when no file is named."""
    return tuple(sorted(Path(__file__).parent.glob("*.yaml")))


def problems_as_json(error: ConfigError) -> list[dict[str, Any]]:
    """The mistakes as plain data, for `--json`."""
    return [
        {"file": p.file, "line": p.line, "field": p.field, "value": p.value, "expected": p.expected}
        for p in error.problems
    ]
