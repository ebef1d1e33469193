"""Nobody listens to nothing (I7): while a model takes its time, the caller hears a sentence, then music, and in the end
that it did not work.

The sentence has its own track: a session speaks one thing after the other, and what it waits for is exactly the thing
that does not come.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from livekit import rtc
from livekit.agents import AgentSession

from callcenter.inroom.sound import music
from callcenter.inroom.sound.player import Player
from callcenter.inroom.sound.speech import Canned, heard_part

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
TRACK_NAME = "bridge"
# A caller notices silence after a second and wonders after two; publishing the track and the way to the phone take 0.3.
BRIDGE_AFTER_SECONDS = 1.2
# An answer that has only just begun to be thought of, after a long end of turn, mostly comes within this time: then
# the caller is left waiting a little longer.
BUSY_SECONDS = 0.3
BUSY_BRIDGE_AFTER_SECONDS = 1.35
# Between the recogniser and the thinking of an answer lies the end of the turn.
IDLE_SECONDS = 0.6
GIVE_UP_AFTER_SECONDS = 8.0
# Who hears nothing for so long, and no bridge, is not waiting for us: a bridge would have come.
NOT_WAITING_SECONDS = 2.0
UNCLEAR_AFTER_SECONDS = 1.4
# The detector reports the end of speech late by its silence; shorter sounds are coughs and "mm-hm".
UTTERANCE_SECONDS = 0.6
FADE_SECONDS = 0.2


@dataclass(frozen=True)
class Moment:
    """What can be seen of the conversation at one instant; all in seconds up to now.

    `busy`: how long a model has owed the caller something, the opening or an answer; `idle`: how long none has.
    `unclear`: the caller said something that nothing was made of; `ending`: everything is said, and the call has only
    to end.
    """

    caller_speaks: bool
    quiet: float
    busy: float
    idle: float
    unclear: bool
    ending: bool = False


class Step(Enum):
    WAIT = auto()
    BRIDGE = auto()
    ASK_AGAIN = auto()
    GIVE_UP = auto()
    SILENCE = auto()  # whatever bridges has to stop


def step(moment: Moment) -> Step:
    """What a caller who may be waiting for us needs now."""
    if moment.ending:
        return Step.BRIDGE if moment.quiet >= BRIDGE_AFTER_SECONDS else Step.WAIT
    if moment.caller_speaks:
        return Step.SILENCE
    if moment.idle > 0:
        return _owed_nothing(moment)
    if moment.quiet >= GIVE_UP_AFTER_SECONDS:
        return Step.GIVE_UP
    patient = BRIDGE_AFTER_SECONDS if moment.busy >= BUSY_SECONDS else BUSY_BRIDGE_AFTER_SECONDS
    return Step.BRIDGE if moment.quiet >= patient else Step.WAIT


def _owed_nothing(moment: Moment) -> Step:
    if moment.unclear and moment.quiet >= UNCLEAR_AFTER_SECONDS:
        return Step.ASK_AGAIN
    return Step.SILENCE if moment.idle >= IDLE_SECONDS else Step.WAIT


class Recogniser(Protocol):
    @property
    def busy(self) -> bool:
        """Whether something the caller said is being recognised."""


class Loudspeaker(Protocol):
    @property
    def sounds_until(self) -> float:
        """The instant, by `time.monotonic`, at which what has come so far is played out, or was."""

    @property
    def unfinished(self) -> bool:
        """Whether more of what is being said is to come."""


class Patience:
    """Watches one conversation. `ask_again` and `give_up` do what their steps say; `said` stores a bridging sentence
    with its Unix times and whether it was cut short."""

    def __init__(
        self,
        room: rtc.Room,
        canned: Canned,
        sentence: str,
        *,
        ask_again: Callable[[], None],
        give_up: Callable[[], None],
        said: Callable[[str, float, float, bool], None],
    ) -> None:
        self._room = room
        self._canned = canned
        self._sentence = sentence
        self._ask_again = ask_again
        self._give_up = give_up
        self._said = said
        self._player: Player | None = None
        self._publishing: asyncio.Task[Player] | None = None
        self._bridging: asyncio.Task[None] | None = None
        self._talking = asyncio.Event()
        self._talking.set()
        self._caller_spoke_from: float | None = None
        self._caller_quiet_since = time.monotonic()
        self._changed_at = 0.0
        self._busy = False
        self._unclear = False
        self._opening_owed = True
        self._sentence_due = True
        self._ending = False
        self._standing_back = False

    # --- what happens ------------------------------------------------------------------------------------------------

    def caller_began(self) -> None:
        """The caller speaks."""
        self._caller_spoke_from = time.monotonic()
        self._unclear = False
        self._sentence_due = True

    def caller_ended(self, ago: float) -> None:
        """The caller fell silent, so many seconds ago."""
        now = time.monotonic()
        if self._caller_spoke_from is not None:
            self._unclear = now - self._caller_spoke_from >= UTTERANCE_SECONDS
            self._caller_quiet_since = now - ago
            # Whoever has said something waits for an answer, and no longer for the opening.
            self._opening_owed = self._opening_owed and not self._unclear
        self._caller_spoke_from = None

    def understood(self) -> None:
        """Something was understood, or is being answered: there is nothing to ask again."""
        self._unclear = False

    def everything_is_said(self) -> None:
        """The call is to end. Should that take its time, because the desk is away, music follows the goodbye."""
        self._ending = True
        self._sentence_due = False

    def stand_back(self, aside: bool) -> None:
        """A human talks to the caller, whatever is heard or not: nothing is bridged. Or not any more."""
        self._standing_back = aside
        self._opening_owed = False
        self._unclear = False
        self._caller_quiet_since = time.monotonic()

    async def make_room(self) -> None:
        """The answer is here: let the sentence end and the music fade before it.

        Until then this is the bridge, however long the caller waits: another one would say the sentence again.
        """
        bridging = self._bridging
        try:
            await self._talking.wait()
        finally:
            if bridging is not None:
                bridging.cancel()
                self._bridging = None
                self._caller_quiet_since = time.monotonic()  # until now there was something to hear
            self._sentence_due = True
        if bridging is None:
            return
        await asyncio.gather(bridging, return_exceptions=True)
        if self._player is not None:
            await self._player.fade(FADE_SECONDS)

    # --- the watch ---------------------------------------------------------------------------------------------------

    async def watch(self, session: AgentSession[None], recogniser: Recogniser, loudspeaker: Loudspeaker) -> None:
        """Look at the conversation until cancelled."""
        try:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                if self._publishing is None and loudspeaker.sounds_until > 0:
                    self._publish_soon()
                looked = step(self._look(session, recogniser, loudspeaker))
                await self._do(Step.SILENCE if self._standing_back else looked)
        finally:
            for task in (self._bridging, self._publishing):
                if task is not None:
                    task.cancel()
            if self._player is not None:
                await self._player.close()

    def _look(self, session: AgentSession[None], recogniser: Recogniser, loudspeaker: Loudspeaker) -> Moment:
        now = time.monotonic()
        quiet = now - max(self._caller_quiet_since, loudspeaker.sounds_until)
        opening = self._opening_owed and loudspeaker.sounds_until == 0
        answering = recogniser.busy or session.agent_state == "thinking" or (loudspeaker.unfinished and quiet > 0)
        busy = opening or answering
        if busy is not self._busy:
            self._busy, self._changed_at = busy, now
            if busy and quiet >= NOT_WAITING_SECONDS and self._bridging is None:
                self._caller_quiet_since, quiet = now, 0.0
        lasts = max(now - self._changed_at, LOOK_SECONDS / 2)
        return Moment(
            caller_speaks=self._caller_spoke_from is not None,
            quiet=quiet,
            busy=lasts if busy else 0.0,
            idle=0.0 if busy else lasts,
            unclear=self._unclear and session.agent_state != "speaking",
            ending=self._ending,
        )

    async def _do(self, what: Step) -> None:
        match what:
            case Step.BRIDGE if self._bridging is None:
                self._bridging = asyncio.create_task(self._bridge())
            case Step.ASK_AGAIN:
                self._unclear = False
                self._ask_again()
            case Step.GIVE_UP:
                logger.warning("no answer came")
                self._caller_quiet_since = time.monotonic()
                self._give_up()
            case Step.SILENCE:
                await self._hush()

    async def _hush(self) -> None:
        """Nothing is awaited any more, or the caller speaks: stop at once, in the middle of a word if need be."""
        bridging, self._bridging = self._bridging, None
        if bridging is None:
            return
        bridging.cancel()
        await asyncio.gather(bridging, return_exceptions=True)
        if self._player is not None:
            await self._player.fade(FADE_SECONDS)

    def _publish_soon(self) -> asyncio.Task[Player]:
        """In advance, while the greeting is heard, and beside the looks: on a busy machine this takes up to a second.
        What failed is tried again when the track is needed."""
        if self._publishing is None or (self._publishing.done() and self._player is None):
            self._publishing = asyncio.create_task(self._publish())
            self._publishing.add_done_callback(_log_failure)
        return self._publishing

    async def _publish(self) -> Player:
        player = Player()
        try:
            await player.publish(self._room, TRACK_NAME)
        except BaseException:
            await player.close()
            raise
        self._player = player
        return player

    async def _bridge(self) -> None:
        player = await asyncio.shield(self._publish_soon())
        samples = self._canned.ready(self._sentence)
        if samples is not None and self._sentence_due:
            self._sentence_due = False
            self._talking.clear()
            began = time.time()
            try:
                await player.say(samples)
            finally:
                self._talking.set()
                share = player.share_heard()
                if heard := heard_part(self._sentence, share):
                    self._said(heard, began, time.time(), share < 1)
        player.music(await asyncio.to_thread(music.loop))


def _log_failure(publishing: asyncio.Task[Player]) -> None:
    if not publishing.cancelled() and (error := publishing.exception()) is not None:
        logger.warning("no bridge can be heard", extra={"error": repr(error)})
