"""The trunk file: its schema, and how files are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from sip import carriers, marked_yaml, mistakes
from sip.errors import ConfigError, Problem
from sip.fields import (
    Attribute,
    Country,
    Header,
    HeaderValue,
    Host,
    Name,
    Network,
    Number,
    OwnHeader,
    Password,
    Prefix,
)

Codec = Literal["PCMU", "PCMA", "G722"]
Encryption = Literal["disable", "allow", "require"]
Transport = Literal["auto", "udp", "tcp", "tls"]
Headers = Literal["none", "x", "all"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Credentials(_Strict):
    """A username and a password for digest authentication (RFC 3261, section 22)."""

    username: str = Field(min_length=1)
    password: Password


class Digest(Credentials):
    """Digest credentials that every INVITE to the trunk must carry."""

    realm: str = ""


class Authentication(_Strict):
    """How a trunk knows its carrier: source addresses, digest credentials, or both (then both must fit)."""

    addresses: tuple[Network, ...] = ()
    digest: Digest | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.digest is None and not self.addresses:
            raise ValueError("expected addresses, digest or both: a trunk without authentication admits anybody")
        if self.digest is None and any(address.endswith("/0") for address in self.addresses):
            raise ValueError("a network of length 0 is the whole internet; expected the carrier's addresses, or digest")
        return self


class OutboundAuthentication(_Strict):
    """How the carrier knows us: digest credentials, or `by_address`, the statement that it admits our address."""

    digest: Credentials | None = None
    by_address: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.digest is None) is not self.by_address:
            raise ValueError(
                "expected digest, or by_address: true if the carrier admits calls by our address; one of the two"
            )
        return self


class Guard(_Strict):
    """What one outbound trunk may be used for: the house's own limit against toll fraud, beside the carrier's.

    `prefixes`: the beginnings of the numbers that may be called, in E.164, such as "+49".
    `calls_per_hour`, `calls_per_day`: calls begun in any 60 minutes, and in any 24 hours.
    `concurrent`: calls at the same time. The defaults suit a small office; the upper bounds refuse a slip of the pen.
    """

    prefixes: tuple[Prefix, ...] = Field(min_length=1)
    calls_per_hour: int = Field(60, ge=1, le=10_000)
    calls_per_day: int = Field(500, ge=1, le=100_000)
    concurrent: int = Field(2, ge=1, le=500)


class _CarrierTrunk(_Strict):
    """What trunks of both directions have.

    `preset`: a carrier of `sip/presets`, which fills in what is not written here.
    `country`: where numbers without a country code belong (ISO 3166-1), stands before the numbers.
    `codecs`: the only ones offered and taken; empty: livekit-sip's own (PCMU, PCMA, G722). DTMF is always there.
    `encryption`: SRTP of the media, its keys in the SDP (RFC 4568): never, if the other side can, or always.
    `headers_to_attributes`: headers of INVITE (inbound) or 200 OK (outbound) as attributes of the participant;
    `attributes_to_headers`: attributes as headers of our answer, BYE and REFER; `headers`: headers we always send;
    `include_headers`: all X- headers, or all, as attributes `sip.h.…`.
    `media_timeout_seconds`: silence on the wire (no RTP) after which the call is hung up. livekit-sip's default of 15
    ends calls of carriers that stop RTP on mute or hold (livekit/sip issues 337 and 812).
    """

    direction: ClassVar[carriers.Direction]

    preset: str | None = None
    country: Country | None = None
    numbers: tuple[Number, ...] = ()
    codecs: tuple[Codec, ...] = ()
    encryption: Encryption = "disable"
    headers: dict[OwnHeader, HeaderValue] = Field(default_factory=dict)
    headers_to_attributes: dict[Header, Attribute] = Field(default_factory=dict)
    attributes_to_headers: dict[str, OwnHeader] = Field(default_factory=dict)
    include_headers: Headers = "none"
    media_timeout_seconds: int = Field(60, ge=15, le=600)

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _completed(cls, written: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(written, Mapping) or written.get("preset") is None:
            return handler(written)
        complete, origins = carriers.filled(str(written["preset"]), cls.direction, written)
        trunk = handler(complete)
        trunk._origins = origins
        return trunk

    @property
    def origins(self) -> dict[str, str]:
        """Which fields a preset filled in, by path, and from where."""
        return dict(self._origins)

    @model_validator(mode="after")
    def _listed_once(self) -> Self:
        if len(set(self.numbers)) != len(self.numbers):
            raise ValueError("a number is listed twice in numbers")
        return self


class InboundTrunk(_CarrierTrunk):
    """One carrier connection that brings calls in.

    `caller_numbers`: how the carrier writes numbers that come in: with their plus (e164), `without_plus`, or in the
    `national` form of `country`.
    `ringing_timeout_seconds`: the longest a caller hears ringing before 486. 120 stays under the three minutes after
    which a SIP proxy gives up by itself (Timer C, RFC 3261, section 16.6), so that the end is ours; livekit-sip's own
    default is 180 (`defaultRingingTimeout`, livekit/sip `pkg/sip/participant.go`).
    `max_call_seconds`: a backstop behind the product's own limit, which ends a call with a sentence instead of a
    click; livekit-sip's default and cap is 24 hours (`maxCallDuration`, same file).
    """

    direction = "inbound"

    catch_all: bool = False
    authentication: Authentication
    caller_numbers: Literal["e164", "without_plus", "national"] = "e164"
    ringing_timeout_seconds: int = Field(120, ge=5, le=180)
    max_call_seconds: int = Field(7200, ge=60, le=86400)
    room_prefix: Name | None = None

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not self.numbers and not self.catch_all:
            raise ValueError("expected at least one number in numbers, or catch_all: true")
        if self.caller_numbers == "national" and self.country is None:
            raise ValueError("caller_numbers: national needs country, such as country: DE")
        return self


class OutboundTrunk(_CarrierTrunk):
    """One carrier connection that calls go out on.

    `address`: where INVITEs are sent, a host with its port if it is not 5060 (TLS: 5061). `numbers`: caller IDs; of
    several LiveKit takes any. `from_host`: the host in our From header, for carriers that know us by it.
    `destination_country`: a hint for LiveKit Cloud's routing. `guard`: what may be dialled, and how often.
    """

    direction = "outbound"

    address: Host
    transport: Transport = "auto"
    numbers: tuple[Number, ...] = Field(min_length=1)
    authentication: OutboundAuthentication
    from_host: Host | None = None
    destination_country: Country | None = None
    guard: Guard


class TrunkFile(_Strict):
    """One file of trunks. In LiveKit, `owner` marks what belongs to this installation; the rest is not touched."""

    owner: Name = "callcenter"
    inbound: dict[Name, InboundTrunk] = Field(default_factory=dict)
    outbound: dict[Name, OutboundTrunk] = Field(default_factory=dict)


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
            problems += [mistakes.problem(TrunkFile, document, details) for details in error.errors()]
        except ConfigError as error:
            problems += error.problems
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(str(file), 1, "", "", f"cannot be read: {error}"))
    problems += mistakes.overlaps(zip(documents, parsed, strict=True))
    if problems:
        raise ConfigError(problems)
    return tuple(parsed)


def default_files() -> tuple[Path, ...]:
    """Every trunk file of this folder: what `plan` and `apply` take when no file is named."""
    return tuple(sorted(Path(__file__).parent.glob("*.yaml")))
