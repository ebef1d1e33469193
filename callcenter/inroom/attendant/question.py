"""Asking the caller something: a prompt that any key cuts short, and what they press or say."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from callcenter.inroom.attendant.choice import Pressed, meant
from callcenter.inroom.attendant.ears import Ears, Said
from callcenter.inroom.client.link import DeskLink
from callcenter.platform.wire.asking import Chose
from callcenter.platform.wire.base import Speaker
from callcenter.platform.wire.brief import Ask

logger = logging.getLogger(__name__)

# Who speaks when the time is up is heard to the end, and understood.
LATE_SECONDS = 6.0
# The desk answers in milliseconds; what it did not hear is told again.
AGAIN_SECONDS = 2.0
# Music, when the desk takes longer than a caller takes for a pause.
MUSIC_AFTER_SECONDS = 0.8
MOST_DIGITS = 40


async def until_pressed(
    saying: Awaitable[None], pressed: asyncio.Queue[Pressed], wanted: Callable[[Pressed], bool] = lambda _: True
) -> Pressed | None:
    """Say this to its end, or until one of the wanted keys is pressed, which is returned. Other keys are dropped."""
    said = asyncio.ensure_future(saying)
    key: asyncio.Task[Pressed] | None = None
    try:
        while True:
            key = asyncio.create_task(pressed.get())
            await asyncio.wait((said, key), return_when=asyncio.FIRST_COMPLETED)
            if not key.done():
                said.result()
                return None
            if wanted(key.result()):
                return key.result()
    finally:
        if key is not None:
            key.cancel()  # or it would take the next key, whoever asks for that
        said.cancel()
        await asyncio.gather(said, return_exceptions=True)


class Question:
    """One question to one caller."""

    def __init__(
        self, ask: Ask, offer_id: str, language: str, link: DeskLink, ears: Ears, pressed: asyncio.Queue[Pressed]
    ) -> None:
        self._ask = ask
        self._offer_id = offer_id
        self._language = language
        self._link = link
        self._ears = ears
        self._pressed = pressed
        self._digits: str | None = None

    async def answer(self, say: Callable[[], Awaitable[None]]) -> Pressed | None:
        """Say the prompt with `say` and await a choice, of which the first counts; None for none in time."""
        while not self._pressed.empty():
            self._pressed.get_nowait()
        async with self._ears.open(self._ask.stt, self._language, self._on_words):
            first = await until_pressed(self._say_and_wait(say), self._pressed)
        if first is None or not self._ask.until:
            return first
        self._digits = await self._collect(first)
        return None

    async def _collect(self, first: Pressed) -> str:
        """The keys from this one to the one that ends them, or to a pause."""
        digits, key = "", first
        while key.key != self._ask.until and len(digits) < MOST_DIGITS:
            digits += key.key
            try:
                async with asyncio.timeout(self._ask.timeout_seconds):
                    key = await self._pressed.get()
            except TimeoutError:
                break
        return digits

    async def _say_and_wait(self, say: Callable[[], Awaitable[None]]) -> None:
        await say()
        await asyncio.sleep(self._ask.timeout_seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LATE_SECONDS):
                await self._ears.idle.wait()

    async def tell(self, choice: Pressed | None, music: Callable[[], None]) -> None:
        """Tell the desk until cancelled, which its answer does; music meanwhile."""
        key, spoken = (choice.key, choice.spoken) if choice else (None, False)
        told = Chose(offer_id=self._offer_id, number=self._ask.number, key=key, spoken=spoken, digits=self._digits)
        self._link.send(told)
        await asyncio.sleep(MUSIC_AFTER_SECONDS)
        music()
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            if self._link.connected:
                self._link.send(told)

    def _on_words(self, said: Said) -> None:
        """Every word is stored; one that means a key chooses it."""
        self._link.say(
            self._offer_id, Speaker.CALLER, said.text, started_at=said.started_at, ended_at=said.ended_at,
            language=self._language,
        )  # fmt: skip
        key = meant(self._ask.keys, said.text)
        if key is not None:
            self._pressed.put_nowait(Pressed(key, spoken=True))
