"""What the desk and the in-room processes say to each other: JSON text frames over a WebSocket, one message each.

A connection belongs to a worker (agent worker or attendant process: seats, drain, beat every second) or to one job
(an agent in one call: claim, segments, tool calls; beat every half second). An attendant process runs its jobs on the
worker's own connection, which is why every message about a call names its offer.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from callcenter.platform.wire.asking import Announce, AnnouncementDue, Chose, NewPlan
from callcenter.platform.wire.base import Message, Said, SeatKind, Speaker, TroubleSource
from callcenter.platform.wire.brief import AgentBrief, AttendantPlan
from callcenter.platform.wire.supervision import Assistance, SayNext, Supervised, Whisper, WhisperHeard
from callcenter.platform.wire.tools import ToolCall, ToolResult
from callcenter.platform.wire.voicemail import PartAck, VoicemailPart

WORKER_BEAT_SECONDS = 1.0
JOB_BEAT_SECONDS = 0.5


# --- up: from a worker -------------------------------------------------------------------------------------------


class Register(Message):
    """First message of a worker's connection: who it is and how many calls it takes at once."""

    type: Literal["register"] = "register"
    worker: str = Field(min_length=1, max_length=64)
    kind: SeatKind
    seats: int = Field(ge=1, le=256)
    skills: tuple[str, ...] = ()
    deployment: str = Field("", max_length=64)
    version: str = ""
    pid: int = 0


class RunningJob(Message):
    offer_id: str
    pid: int = 0


class WorkerBeat(Message):
    """Every second: still here; these jobs run, all others of mine are gone."""

    type: Literal["worker_beat"] = "worker_beat"
    jobs: tuple[RunningJob, ...] = ()
    draining: bool = False
    hurry: bool = False
    """Hand my remaining calls over now: I have been told twice to stop, or my time to drain is over."""


class Bye(Message):
    """Last message of a worker that stops as meant: it is not lost, and what it had is somebody else's."""

    type: Literal["bye"] = "bye"


# --- up: about one offer -----------------------------------------------------------------------------------------


class Saying(Message):
    """What had been heard at `heard_at` of the sentence that is being said; `seq` is the number it will have."""

    seq: int = Field(ge=1)
    text: Said
    started_at: AwareDatetime
    heard_at: AwareDatetime


class Interim(Message):
    """What is made of an utterance that is not finished; `seq` is the number it will have. It may change or never come
    true, is stored nowhere, and is not sent again when it is lost."""

    type: Literal["interim"] = "interim"
    offer_id: str
    speaker: Speaker
    seq: int = Field(ge=1)
    text: Said


class JobBeat(Message):
    """Every half second: still here. `saying` is set when more has been heard than at the last beat that had it."""

    type: Literal["job_beat"] = "job_beat"
    offer_id: str
    saying: Saying | None = None


class Claim(Message):
    """I am in the room and ready: let me lead and publish. Answered by `Claimed` or `Denied`."""

    type: Literal["claim"] = "claim"
    offer_id: str
    pid: int = 0


class Refuse(Message):
    """I cannot take this offer: give it to somebody else now."""

    type: Literal["refuse"] = "refuse"
    offer_id: str
    reason: str = ""


class Answered(Message):
    """The caller's leg became active (livekit-sip sent 200 OK) at this instant."""

    type: Literal["answered"] = "answered"
    offer_id: str
    at: AwareDatetime


class FirstFrame(Message):
    """My first audio is on its way to the caller: whoever kept the caller company can fade."""

    type: Literal["first_frame"] = "first_frame"
    offer_id: str


class Segment(Message):
    """One finished utterance. `seq` counts from 1 for each (offer, speaker) without gaps; resent until acknowledged.
    Each of several supervisors has numbers of their own, by `identity`."""

    type: Literal["segment"] = "segment"
    offer_id: str
    speaker: Speaker
    seq: int = Field(ge=1)
    text: Said
    started_at: AwareDatetime
    ended_at: AwareDatetime
    interrupted: bool = False
    language: str | None = None
    identity: str = Field("", max_length=64)


class EndReason(StrEnum):
    GOODBYE = "goodbye"
    MESSAGE_SAID = "message_said"


class EndCall(Message):
    """My last word has been heard: end the call for everybody."""

    type: Literal["end_call"] = "end_call"
    offer_id: str
    reason: EndReason


class CallerLeft(Message):
    """The caller's participant left the room (a hint: the webhook and the reconciler say the same). Not `certain`: I
    lost sight of the caller because my own connection to the room broke, or never saw one. `lost`: the engine lost the
    caller's leg after the answer."""

    type: Literal["caller_left"] = "caller_left"
    offer_id: str
    certain: bool = True
    lost: bool = False


class Trouble(Message):
    """A model failed, or let the caller wait until a sentence bridged the silence. Told for the record."""

    type: Literal["trouble"] = "trouble"
    offer_id: str
    source: TroubleSource


class Left(Message):
    """I have left the room and the seat is free. `failure` is set when it was not meant to end like this."""

    type: Literal["left"] = "left"
    offer_id: str
    failure: str | None = None


# --- down --------------------------------------------------------------------------------------------------------


class Registered(Message):
    type: Literal["registered"] = "registered"
    worker: str


class Take(Message):
    """To a worker: join this room for this offer. `token` opens the room, unheard; `desk_token` the desk, for an
    agent's job, and for what an attendant leaves if it dies."""

    type: Literal["take"] = "take"
    offer_id: str
    call_id: str
    room: str
    token: str
    livekit_url: str
    caller_identity: str
    desk_token: str = ""


class Claimed(Message):
    """The offer is yours and your publish right is granted. Exactly one of the two briefs is set."""

    type: Literal["claimed"] = "claimed"
    offer_id: str
    call_id: str
    caller_identity: str
    agent: AgentBrief | None = None
    attendant: AttendantPlan | None = None


class Denied(Message):
    """The offer is not (or no longer) yours: leave the room without a sound."""

    type: Literal["denied"] = "denied"
    offer_id: str
    because: str


class Ack(Message):
    """Every segment of this offer and speaker up to `seq` is stored."""

    type: Literal["ack"] = "ack"
    offer_id: str
    speaker: Speaker
    seq: int
    identity: str = ""


class Fade(Message):
    """Somebody else talks now: fade out within `seconds` and leave. Or soon will: for up to `stay` seconds, play on
    until somebody else's voice is in the room."""

    type: Literal["fade"] = "fade"
    offer_id: str
    seconds: float = 0.2
    stay: float = 0.0


class SayAndEnd(Message):
    """To whoever talks to the caller: stop the present sentence or the music, say this, then `end_call`."""

    type: Literal["say_and_end"] = "say_and_end"
    offer_id: str
    text: str


class Leave(Message):
    """The call is over or no longer yours: leave the room now."""

    type: Literal["leave"] = "leave"
    offer_id: str
    because: str = ""


class Drain(Message):
    """To a worker: take no new calls, finish those you have, then exit."""

    type: Literal["drain"] = "drain"


class Hello(Message):
    """First message of a job's connection; the token came with the `Take` and is good for one offer."""

    type: Literal["hello"] = "hello"
    offer_id: str
    pid: int = 0


Up = Annotated[
    Register
    | WorkerBeat
    | Bye
    | Hello
    | JobBeat
    | Interim
    | Claim
    | Refuse
    | Answered
    | FirstFrame
    | Segment
    | VoicemailPart
    | Chose
    | AnnouncementDue
    | ToolCall
    | EndCall
    | CallerLeft
    | Trouble
    | WhisperHeard
    | Assistance
    | Left,
    Field(discriminator="type"),
]
Down = Annotated[
    Registered
    | Take
    | Claimed
    | Denied
    | Ack
    | PartAck
    | ToolResult
    | Fade
    | NewPlan
    | Announce
    | SayAndEnd
    | Supervised
    | SayNext
    | Whisper
    | Leave
    | Drain,
    Field(discriminator="type"),
]

UP: TypeAdapter[Up] = TypeAdapter(Up)
DOWN: TypeAdapter[Down] = TypeAdapter(Down)
