"""What a caller gets who waits in no line: a message, a menu, a voicemail box, a call-back, a transfer. Kept with the
call's place, so that whoever takes over from an attendant that died goes on where it was."""

from typing import Annotated, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from callcenter.setup.rule_sets import actions

CHARACTERS_PER_SECOND = 10.0  # slow speech
COMING_SECONDS = 60.0  # for the attendant's own failings: a command may be lost on its way, a voice may be slow
DIALLING_SECONDS = 120.0


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Message(_Kept):
    """A sentence, or a sound, and the end of the call with this outcome."""

    kind: Literal["message"] = "message"
    text: str
    audio: str | None = None
    outcome: str = "completed"


class Menu(_Kept):
    """A menu that is being asked. `asked` counts the questions before this one in the call, in all its menus: an answer
    that comes twice counts once. What was answered to them is among the call's digits, and says what is left to try."""

    kind: Literal["menu"] = "menu"
    menu: actions.Menu
    asked: int = 0


class Voicemail(_Kept):
    """Leaving a message in this box."""

    kind: Literal["voicemail"] = "voicemail"
    box: str
    greeting: str
    max_seconds: float


class CallBackOffer(_Kept):
    """Being called back when the turn comes; the number is confirmed first. `number`: None, the caller's own, or the
    one they keyed in; "" is to be keyed in. `asked` counts the questions before this one, those of menus too: an answer
    to a menu that comes twice confirms no number. `missed` counts those in a row that brought nothing; `refused`: the
    last number may not be called."""

    kind: Literal["call_back"] = "call_back"
    queue: str
    profile: str | None = None
    priority: int = 0
    text: str
    number: str | None = None
    asked: int = 0
    missed: int = 0
    refused: bool = False


class CallBackCheck(_Kept):
    """Called back: whoever answered is asked whether they are the one, which a machine does not answer."""

    kind: Literal["call_back_check"] = "call_back_check"
    greeting: str
    announce: str
    asked: int = 0


class Transfer(_Kept):
    """Being connected with a number outside; `call_out_id` once that is being dialled."""

    kind: Literal["transfer"] = "transfer"
    number: str
    trunk: str | None = None
    text: str
    failed: str = ""
    call_out_id: str | None = None


class AskHuman(_Kept):
    """Waiting for a human, for so many seconds, before any agent is asked. What is heard is the queue's. `by_caller`:
    they asked for one themselves, and are to hear so when none comes."""

    kind: Literal["ask_human"] = "ask_human"
    seconds: float
    by_caller: bool = False


Treatment = Annotated[
    Message | Menu | Voicemail | CallBackOffer | CallBackCheck | Transfer | AskHuman, Field(discriminator="kind")
]
TREATMENT: TypeAdapter[Treatment] = TypeAdapter(Treatment)
MAY_LEAD_BACK = (CallBackOffer, Transfer, AskHuman)  # into the queue from which the call came, at its place


def treatment_of(
    action: actions.Message | actions.Menu | actions.Voicemail | actions.CallBack | actions.Transfer,
    *,
    without_text: str,
    asked: int = 0,
) -> Treatment:
    """The treatment that an action begins. A message that is only a sound says `without_text` where that is missing."""
    match action:
        case actions.Message(text=text, audio=audio, outcome=outcome):
            return Message(text=text or without_text, audio=audio, outcome=outcome)
        case actions.Menu():
            return Menu(menu=action, asked=asked)
        case actions.Voicemail(box=box, greeting=greeting, max_seconds=seconds):
            return Voicemail(box=box, greeting=greeting, max_seconds=seconds)
        case actions.CallBack(queue=queue, profile=profile, priority=priority, text=text):
            return CallBackOffer(queue=queue, profile=profile, priority=priority, text=text, asked=asked)
        case actions.Transfer(number=number, trunk=trunk, text=text, failed=failed):
            return Transfer(number=number, trunk=trunk, text=text, failed=failed)
        case unreachable:
            assert_never(unreachable)


def takes_seconds(treatment: Treatment) -> float:
    """How long the treatment may take from now, with an attendant there, before something must have gone wrong. A menu
    is judged from one answer to the next."""
    match treatment:
        case Message(text=text) | CallBackCheck(greeting=text):
            return _saying(text)
        case Menu(menu=menu):
            return _saying(menu.prompt) + menu.timeout_seconds
        case Voicemail(greeting=greeting, max_seconds=seconds):
            return _saying(greeting) + seconds
        case CallBackOffer(text=text):
            return _saying(text) + COMING_SECONDS
        case Transfer(text=text):
            return _saying(text) + DIALLING_SECONDS
        case AskHuman(seconds=seconds):
            return seconds + COMING_SECONDS
        case unreachable:
            assert_never(unreachable)


def _saying(text: str) -> float:
    return COMING_SECONDS + len(text) / CHARACTERS_PER_SECOND
