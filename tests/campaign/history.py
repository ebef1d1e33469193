"""What was seen of a round, as plain values: by the phones, by LiveKit's webhooks, by Postgres. Instants are seconds of
the wall clock since 1970, which all three share on one machine."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_WALL_MINUS_MONOTONIC = time.time() - time.monotonic()


def wall(monotonic: float) -> float:
    """The wall clock's time of an instant of `time.monotonic`."""
    return monotonic + _WALL_MINUS_MONOTONIC


def instant(text: str) -> float:
    """The wall clock's time of an RFC 3339 string."""
    return datetime.fromisoformat(text).timestamp()


@dataclass
class Said:
    """A sentence of the caller: `written` as a transcript writes it down, `answer` the words that answer it."""

    sentence: str
    written: str
    answer: str
    started_at: float
    ended_at: float


@dataclass
class Turn:
    """Sound from us between two pauses. `seems_whole`: no fault was there to cut it short; `heard`: the known sentences
    an ear made out in it."""

    started_at: float
    ended_at: float
    seems_whole: bool
    heard: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Nothing more is to be expected before the caller speaks."""
        return self.seems_whole or bool(self.heard)


@dataclass
class PhoneHistory:
    """One call as its caller lived it. `silences` are those of 0.2 s or more between answer and end."""

    script: str
    number: str
    sip_call_id: str = ""
    invited_at: float | None = None
    ringing_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    ended_by: str | None = None
    status: int | None = None
    last_sound_at: float | None = None
    said: list[Said] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    silences: list[tuple[float, float]] = field(default_factory=list)
    marks: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


@dataclass
class Hook:
    """A webhook as LiveKit sent it first."""

    at: float
    event: str
    room: str
    identity: str = ""
    sip_call_id: str = ""
    track: str = ""
    audio: bool = False


@dataclass
class Offer:
    """A row of `offers`."""

    id: str
    kind: str
    worker: str
    state: str
    seat_id: int
    offered_at: float
    accepted_at: float | None = None
    ended_at: float | None = None
    released_at: float | None = None


@dataclass
class Stored:
    """What Postgres holds of one INVITE: all call records with its SIP Call-ID, and the parts of the first."""

    records: list[dict[str, Any]] = field(default_factory=list)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    @property
    def record(self) -> dict[str, Any] | None:
        return self.records[0] if self.records else None

    @property
    def call_id(self) -> str:
        return str(self.records[0]["id"]) if self.records else ""


@dataclass
class FaultHistory:
    """What was broken and when. `touched` names the calls it could harm most (None: all), `hit` whether it was done."""

    name: str
    started_at: float
    ended_at: float
    touched: list[str] | None = None
    note: str = ""
    hit: bool = True

    def touches(self, call_id: str) -> bool:
        return self.touched is None or call_id in self.touched


@dataclass
class CallHistory:
    """The three histories of one call."""

    phone: PhoneHistory
    hooks: list[Hook]
    stored: Stored


def timeline_in_words(stored: Stored, phone: PhoneHistory) -> list[str]:
    """The call's timeline and the phone's own instants in one order, seconds since the INVITE."""
    zero = phone.invited_at or (instant(stored.records[0]["arrived_at"]) if stored.records else 0.0)
    lines = [(instant(e["at"]), f"{e['type']}: {e['summary']}") for e in stored.timeline]
    for name in ("ringing_at", "answered_at", "ended_at"):
        at = getattr(phone, name)
        if at is not None:
            by = f" by {phone.ended_by} ({phone.status})" if name == "ended_at" else ""
            lines.append((at, f"PHONE {name.removesuffix('_at')}{by}"))
    lines += [(s.started_at, f"PHONE says {s.sentence!r} until {s.ended_at - zero:.2f}") for s in phone.said]
    for turn in phone.turns:
        whole = "complete" if turn.complete else "cut"
        lines.append((turn.started_at, f"PHONE hears until {turn.ended_at - zero:.2f} ({whole}): {turn.heard}"))
    lines += [(a, f"PHONE hears nothing until {b - zero:.2f}") for a, b in phone.silences if b - a >= 1.0]
    lines += [(s, f"PHONE failed: {e}") for e in phone.errors for s in [phone.ended_at or zero]]
    return [f"{at - zero:7.2f} s  {words}" for at, words in sorted(lines)]
