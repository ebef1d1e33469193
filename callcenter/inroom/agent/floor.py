"""Who leads the call, as the agent knows it: while a supervisor does, it is silent, listens and keeps what is said in
mind; when they hand back, it goes on from there. Whispers of supervisors change what it does."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from livekit.agents import AgentSession, llm

from callcenter.inroom.agent.assistant import Assistant
from callcenter.inroom.agent.colleagues import Colleagues
from callcenter.inroom.agent.conversation import Voice
from callcenter.inroom.agent.patience import Patience
from callcenter.inroom.client.text import storable
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import AgentBrief
from callcenter.platform.wire.supervision import LONGEST_WHISPER, Assistance, Back, Leads, Supervised, Whisper

logger = logging.getLogger(__name__)

HANDED_BACK = (
    "Your human colleague has handed the call back to you. Tell the caller in one sentence what was agreed with your "
    "colleague, then go on."
)
ACKNOWLEDGE = (
    'Your supervisor whispers to you, and the caller does not hear it: "{text}" Answer your supervisor, '
    "not the caller, in one sentence: what will you change?"
)
OBEY = 'Do now, towards the caller and without mentioning your supervisor, what your supervisor has told you: "{text}"'
TOLD = 'Your supervisor has told you, unheard by the caller: "{text}" Follow it from now on and do not mention it.'
WHISPER_SECONDS = 8.0
# A colleague hands back with the last word on their lips: the end of their speech and its recognition take 0.8 s.
LAST_WORDS_SECONDS = 1.0


def as_heard(speaker: Speaker, text: str) -> tuple[llm.ChatRole, str]:
    """An utterance that the agent has not answered, as its model sees it."""
    return ("user", text) if speaker is Speaker.CALLER else ("assistant", f"[A human colleague said:] {text}")


class Floor:
    """`say` says one sentence, `cut_short` ends the present one, which then nobody misses, `heard_whisper` answers a
    whisper: its id, and what the agent will change."""

    def __init__(
        self,
        brief: AgentBrief,
        session: AgentSession[None],
        voice: Voice,
        patience: Patience,
        *,
        say: Callable[[str], object],
        cut_short: Callable[[], Coroutine[Any, Any, None]],
        heard_whisper: Callable[[str, str], None],
        assist: Callable[[Assistance], None],
        hold: Callable[[bool], Coroutine[Any, Any, None]],
    ) -> None:
        self._session = session
        self._voice = voice
        self._patience = patience
        self._say = say
        self._cut_short = cut_short
        self._heard_whisper = heard_whisper
        self._assistant = Assistant(session, brief.fields, self._all_that_was_said, assist)
        self._hold = hold
        self._held = brief.held
        self._epoch = brief.lead_epoch
        self._modes = dict(brief.supervisors)
        self._meanwhile: list[tuple[Speaker, str]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self.colleagues: Colleagues | None = None
        self.led_by_human = brief.led_by_human
        if self.led_by_human:
            patience.stand_back(True)
        if self._held:
            self._keep(hold(True))
        for text in brief.whispers:
            voice.remember("system", TOLD.format(text=text))

    def told(self, stands: Supervised) -> None:
        """How the call stands now. What is older than what was told before means nothing."""
        if stands.epoch < self._epoch:
            logger.info("a late word of who leads", extra={"epoch": stands.epoch, "known": self._epoch})
            return
        self._epoch = stands.epoch
        self._modes = dict(stands.modes)
        if stands.held is not self._held:
            self._held = stands.held
            self._keep(self._hold(stands.held))
        before, self.led_by_human = self.led_by_human, stands.lead is Leads.SUPERVISOR
        if self.led_by_human:
            if not before:
                self._patience.stand_back(True)
                self._keep(self.hush())
        elif before:
            self._keep(self._go_on(stands.back, stands.sentence))

    async def hush(self) -> None:
        """Stop in the middle of a word, and drop what was to be said next."""
        await self._cut_short()

    def caller_said(self, text: str) -> None:
        if self.led_by_human:
            self._meanwhile.append((Speaker.CALLER, text))
            self._assistant.wanted()

    def colleague_began(self, identity: str) -> None:
        """Two voices at once help nobody: the agent lets a colleague whom the caller hears speak."""
        if self._modes.get(identity) == "barge" and self._session.agent_state == "speaking":
            self._keep(self.hush())

    def colleague_said(self, identity: str, text: str) -> None:
        """A colleague whom the caller hears is part of the conversation; one whom the agent alone hears tells it what
        to do."""
        if self._modes.get(identity) == "whisper":
            self._keep(self._follow(text))
        else:
            self._meanwhile.append((Speaker.SUPERVISOR, text))
            if self.led_by_human:
                self._assistant.wanted()
            else:
                self._keep(self._catch_up())

    def whispered(self, whisper: Whisper) -> None:
        """Say to the supervisor what will change, and change it."""
        self._keep(self._acknowledge(whisper))
        self._keep(self._follow(whisper.text))

    def close(self) -> None:
        self._assistant.close()
        for task in self._tasks:
            task.cancel()

    # --- what is done ------------------------------------------------------------------------------------------------

    async def _go_on(self, back: Back | None, sentence: str) -> None:
        self._patience.stand_back(False)
        if back is Back.HANDED_BACK and self.colleagues is not None:
            await self.colleagues.finished(LAST_WORDS_SECONDS)
        await self._catch_up()
        if self.led_by_human:  # somebody has taken it again meanwhile
            self._patience.stand_back(True)
        elif back is Back.HANDED_BACK:
            self._session.generate_reply(instructions=HANDED_BACK)
        elif back is Back.LEFT and sentence:
            self._say(sentence)

    async def _catch_up(self) -> None:
        """What was said while the agent was silent becomes part of what its model knows."""
        if self._meanwhile:
            context, self._meanwhile = self._all_that_was_said(), []
            await self._voice.update_chat_ctx(context)

    def _all_that_was_said(self) -> llm.ChatContext:
        context = self._voice.chat_ctx.copy()
        for speaker, text in self._meanwhile:
            role, content = as_heard(speaker, text)
            context.add_message(role=role, content=content)
        return context

    async def _acknowledge(self, whisper: Whisper) -> None:
        context = self._voice.chat_ctx.copy()
        context.add_message(role="system", content=ACKNOWLEDGE.format(text=whisper.text))
        model = self._session.llm
        words = ""
        try:
            assert isinstance(model, llm.LLM)
            async with asyncio.timeout(WHISPER_SECONDS), model.chat(chat_ctx=context) as answer:
                async for chunk in answer:
                    words += chunk.delta.content or "" if chunk.delta else ""
        except Exception as error:
            logger.warning("a whisper was not acknowledged in words", extra={"error": type(error).__name__})
        text = storable(words).strip()[:LONGEST_WHISPER]
        self._heard_whisper(whisper.whisper_id, text or f"I will follow this: {whisper.text}"[:LONGEST_WHISPER])

    async def _follow(self, text: str) -> None:
        context = self._voice.chat_ctx.copy()
        context.add_message(role="system", content=TOLD.format(text=text))
        await self._voice.update_chat_ctx(context)
        if not self.led_by_human:
            await self._cut_short()
            self._session.generate_reply(instructions=OBEY.format(text=text))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("the floor was lost", extra={"error": repr(error)})
