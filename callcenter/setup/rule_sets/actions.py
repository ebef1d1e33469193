"""The shape of what a rule does with a call. Durations in seconds."""

from typing import Annotated, Literal

from pydantic import Field

from callcenter.setup.rule_sets.conditions import E164, Name, Strict

Text = Annotated[str, Field(min_length=1, max_length=1000)]
Key = Annotated[str, Field(pattern=r"^[0-9*#]$")]
Skills = tuple[Name, ...]


class WidenSkills(Strict):
    """Do without these required skills from now on, or without any: only agents who have the rest are asked then."""

    action: Literal["widen_skills"]
    drop: Literal["all"] | Annotated[Skills, Field(min_length=1)]


class Fallback(Strict):
    """What happens to a call that is still in line `after_seconds` after it came to this queue."""

    after_seconds: float = Field(gt=0, le=86_400)
    then: "FallbackAction"


class InQueue(Strict):
    """How a call stands in line. Preferred skills are waited for `prefer_seconds`, then anybody with the required ones
    will do. The fallbacks happen in their order; after one that leads to another queue the list goes on, still counted
    from the first queue, unless that one brings a list of its own, counted from then on. Nothing follows the others
    (message, voicemail, call_back, transfer)."""

    queue: Name
    profile: Name | None = None
    priority: int = Field(0, ge=-100, le=100)
    required_skills: Skills = ()
    preferred_skills: Skills = ()
    prefer_seconds: float = Field(30, ge=0, le=86_400)
    fallbacks: tuple[Fallback, ...] = ()


class ToQueue(InQueue):
    """Wait for an agent."""

    action: Literal["queue"]


class HumanFirst(InQueue):
    """Ask the supervisors for so long; while none can be asked, or none comes, it is as with `queue`."""

    action: Literal["human_first"]
    ask_seconds: float = Field(20, gt=0, le=600)


class Option(Strict):
    """A key of a menu and the words for it. Without `then` the rules are asked again, with the key among `digits`."""

    name: Name
    say: tuple[Name, ...] = Field((), description="Spoken words that choose it as well.")
    then: "Action | None" = None


class Menu(Strict):
    """Say the prompt, await a key or a word, and say it again so many times; `otherwise` after the last."""

    action: Literal["menu"]
    prompt: Text
    options: dict[Key, Option] = Field(min_length=1)
    timeout_seconds: float = Field(6, ge=1, le=60)
    repeats: int = Field(2, ge=0, le=10)
    otherwise: "Action"


class Message(Strict):
    """Say a sentence, or play an uploaded sound (`text` is then said only where the sound is missing), and hang up."""

    action: Literal["message"]
    text: Text | None = None
    audio: Name | None = None
    outcome: Literal["completed", "refused"] = "completed"


class Voicemail(Strict):
    """Let the caller leave a message in this box."""

    action: Literal["voicemail"]
    box: Name
    greeting: Text = "Please leave a message after the tone."
    max_seconds: float = Field(120, ge=5, le=3600)


class CallBack(Strict):
    """Say a sentence, hang up, and call back when the turn comes: the place in this queue is kept."""

    action: Literal["call_back"]
    queue: Name
    profile: Name | None = None
    priority: int = Field(0, ge=-100, le=100)
    text: Text = "We will call you back as soon as it is your turn. Goodbye."


class Transfer(Strict):
    """Connect the caller with a number outside; without `trunk` over the one that may dial it."""

    action: Literal["transfer"]
    number: E164
    trunk: Name | None = None
    text: Text = "One moment please, I will connect you."
    failed: Text = Field(
        "I am sorry, nobody can be reached there right now. Please call again later. Goodbye.",
        description="Said before the call ends where nobody takes it. Who came from a queue goes back to their place.",
    )


class Reject(Strict):
    """Refuse the call before it is answered. livekit-sip can only send 486 Busy Here once the call has a room."""

    action: Literal["reject"]


Action = Annotated[
    ToQueue | HumanFirst | Menu | Message | Voicemail | CallBack | Transfer | Reject, Field(discriminator="action")
]
FallbackAction = Annotated[
    WidenSkills | ToQueue | Message | Voicemail | CallBack | Transfer, Field(discriminator="action")
]
for _shape in (Fallback, InQueue, ToQueue, HumanFirst, Option, Menu):
    _shape.model_rebuild()
