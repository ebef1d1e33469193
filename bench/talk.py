"""One measured conversation: the caller follows a script, and marks when it said what; nothing is judged here."""

import asyncio
import time
from dataclasses import dataclass, field

import numpy as np

from bench.arms import NUMBERS, Arm
from bench.cost import Groups, Usage, usage
from bench.script import EARLY_QUESTION, ENOUGH, LONG_ANSWER_SECONDS, LONG_QUESTION, Pause, Script, silence
from bench.voices import cough, hum, sentence
from callcenter.platform.embedded.phone import OutgoingCall, Phone
from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE, Samples

ANSWERED_SECONDS = 15.0
ANSWER_SECONDS = 6.0
DISTURBED_SECONDS = 4.0
TURN_END_SECONDS = 1.0
TURN_SECONDS = 12.0


@dataclass(frozen=True)
class Said:
    """Something the caller said: the instants of its first and last frame, and of the end of its first half if it has
    two. `interrupts`: the agent was speaking when it began."""

    what: str
    text: str
    first_frame_at: float
    last_frame_at: float
    interrupts: bool = False
    pause_at: float | None = None
    pause_seconds: float = 0.0


@dataclass
class Talk:
    """What is left of the call."""

    call: OutgoingCall
    said: list[Said] = field(default_factory=list)
    worker: tuple[Usage, Usage] | None = None
    others: dict[str, float] = field(default_factory=dict)  # CPU seconds of the rest, by group

    @property
    def invited_at(self) -> float:
        assert self.call.invited_at is not None
        return self.call.invited_at


async def talk(sip: tuple[str, int], groups: Groups, arm: Arm, script: Script) -> Talk:
    """Ring this arm and follow the script to its end. Raises PhoneError or TimeoutError when the call itself fails; a
    question that is not answered is only marked."""
    async with Phone(server=sip) as phone:
        call = await phone.invite(to=NUMBERS[arm])
        kept = Talk(call)
        await call.answered(ANSWERED_SECONDS)
        greeted = await call.hears_sound(ANSWERED_SECONDS, kept.invited_at)
        before = await asyncio.to_thread(_usages, groups, with_memory=False)
        await _until(greeted + script.early_after)
        await _follow(kept, script)
        after = await asyncio.to_thread(_usages, groups, with_memory=True)
        kept.worker = (before[f"worker {arm}"], after[f"worker {arm}"])
        kept.others = {n: after[n].cpu_since(before[n]) for n in groups if not n.startswith("worker")}
        await call.hang_up()
        return kept


def _usages(groups: Groups, *, with_memory: bool) -> dict[str, Usage]:
    return {name: usage(pids, with_memory=with_memory and name.startswith("worker")) for name, pids in groups.items()}


async def _follow(kept: Talk, script: Script) -> None:
    spoke = await _ask(kept, "early", EARLY_QUESTION, interrupts=True)
    await _until((spoke or time.monotonic()) + 0.7)
    for question, after in script.turns:
        spoke = await _ask(kept, "turn", question, interrupts=spoke is not None)
        await _until((spoke or time.monotonic()) + after)
    if script.disturbed:
        await _disturb(kept, interrupts=spoke is not None)
    if script.disturbed or script.pauses:
        await _say(kept, "enough", sentence(ENOUGH), ENOUGH, interrupts=True)
        await _turn_ends(kept)
    for pause in script.pauses:
        await _pause(kept, pause)
        await _turn_ends(kept)


async def _disturb(kept: Talk, *, interrupts: bool) -> None:
    """A cough and a hum into a long answer: the agent should talk on."""
    spoke = await _ask(kept, "turn", LONG_QUESTION, interrupts=interrupts)
    if spoke is None:
        return
    await _until(spoke + LONG_ANSWER_SECONDS)
    for what, samples in (("cough", cough()), ("hum", hum())):
        said = await _say(kept, what, samples, what, interrupts=True)
        await _until(said.last_frame_at + DISTURBED_SECONDS)


async def _ask(kept: Talk, what: str, text: str, *, interrupts: bool) -> float | None:
    """Say it; the instant at which the answer begins, None when none comes."""
    said = await _say(kept, what, sentence(text), text, interrupts=interrupts)
    try:
        return await kept.call.hears_sound(ANSWER_SECONDS, said.last_frame_at + 0.06)
    except TimeoutError:
        return None


async def _pause(kept: Talk, pause: Pause) -> None:
    first, second = sentence(pause.before), sentence(pause.after)
    whole = np.concatenate([first, silence(pause.seconds), second])
    said = await _say(kept, "pause", whole, f"{pause.before} … {pause.after}")
    kept.said[-1] = Said(
        **{
            **said.__dict__,
            "pause_at": said.first_frame_at + len(first) / SAMPLE_RATE,
            "pause_seconds": pause.seconds,
        }
    )


async def _say(kept: Talk, what: str, samples: Samples, text: str, *, interrupts: bool = False) -> Said:
    uttered = await kept.call.say(samples)
    said = Said(what, text, uttered.first_frame_at, uttered.last_frame_at, interrupts)
    kept.said.append(said)
    return said


async def _turn_ends(kept: Talk) -> None:
    try:
        await kept.call.hears_sound(ANSWER_SECONDS, kept.said[-1].last_frame_at + 0.06)
        await kept.call.hears_silence(TURN_END_SECONDS, TURN_SECONDS)
    except TimeoutError:
        return


async def _until(instant: float) -> None:
    """The caller waits: what is measured is time, so here time itself is awaited."""
    await asyncio.sleep(max(0.0, instant - time.monotonic()))
