"""The parts that ring a phone: set-up, talk and waiting. Each block does every arm once, in an order of its own."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx
import numpy as np

from bench import measure, script
from bench.arms import NUMBERS, UNSERVED_NUMBER, Arm
from bench.cost import NoiseMeter, calm, usage
from bench.engine import Bench
from bench.measure import Origin, References
from bench.samples import Metric, Sample
from bench.talk import talk
from callcenter.platform.embedded.model_server.sound import resample
from callcenter.platform.embedded.model_server.speaking import SPEECH_RATE
from callcenter.platform.embedded.phone import Phone, PhoneError
from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE

WAITING_CALLERS = (10, 20, 30)  # one block of each, in turn
WAITING_BATCH = 5
WAITING_SETTLE_SECONDS = 15.0
WAITING_SECONDS = 30.0
ANSWERED_SECONDS = 15.0


async def references(bench: Bench) -> References:
    """The sound of the answers, from the model server that all arms use."""
    running = bench.stack.env
    headers = {"Authorization": f"Bearer {running['OPENAI_API_KEY']}"}
    found = {}
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as client:
        for question, answer in script.answers().items():
            body = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": answer, "response_format": "pcm"}
            reply = (await client.post(f"{running['OPENAI_BASE_URL']}/audio/speech", json=body)).raise_for_status()
            found[question] = resample(np.frombuffer(reply.content, dtype="<i2"), SPEECH_RATE, SAMPLE_RATE)
    return found


async def setup_block(bench: Bench, block: int, arms: Sequence[Arm]) -> AsyncIterator[Sample]:
    """One short call for each arm."""
    groups = await asyncio.to_thread(bench.groups)
    for arm in shuffled(arms, block):
        await calm(groups)
        async with NoiseMeter() as meter:
            answered: float | None = None
            sounded: float | None = None
            failure: str | None = None
            try:
                answered, sounded = await _short_call(bench, arm)
            except (PhoneError, TimeoutError) as error:
                failure = str(error)
        origin = Origin(arm, block, meter.noise)
        yield origin.sample(Metric.ANSWERED, answered, failure)
        yield origin.sample(Metric.FIRST_AUDIO, sounded, failure)


async def _short_call(bench: Bench, arm: Arm) -> tuple[float, float]:
    async with Phone(server=bench.sip) as phone:
        call = await phone.invite(to=NUMBERS[arm])
        assert call.invited_at is not None
        answered = await call.answered(ANSWERED_SECONDS)
        sounded = await call.hears_sound(ANSWERED_SECONDS, call.invited_at)
        await call.hang_up()
        return answered - call.invited_at, sounded - call.invited_at


async def talk_block(
    bench: Bench, block: int, arms: Sequence[Arm], scene: script.Script, answers: References
) -> AsyncIterator[Sample]:
    """The same conversation with each arm."""
    groups = await asyncio.to_thread(bench.groups)
    for arm in shuffled(arms, block):
        await calm(groups)
        async with NoiseMeter() as meter:
            try:
                kept = await talk(bench.sip, groups, arm, scene)
                failure = ""
            except (PhoneError, TimeoutError) as error:
                failure = str(error)
        origin = Origin(arm, block, meter.noise)
        if failure:
            yield origin.sample(Metric.VOICE_TO_VOICE, None, failure)
            continue
        for sample in await asyncio.to_thread(measure.samples_of, kept, origin, answers):
            yield sample


async def waiting_block(bench: Bench, block: int) -> AsyncIterator[Sample]:
    """Callers in a queue that nobody serves, beside the same attendants with nobody to keep company. What they cost the
    engine and the control plane goes along."""
    callers = WAITING_CALLERS[block % len(WAITING_CALLERS)]
    groups = await asyncio.to_thread(bench.groups)
    attendants, others = groups["attendant"], {name: groups[name] for name in ("engine", "control")}
    empty = await asyncio.to_thread(usage, attendants)
    async with AsyncExitStack() as opened, NoiseMeter() as meter:
        phone = await opened.enter_async_context(Phone(server=bench.sip))
        calls = []
        for number in range(callers):
            calls.append(await phone.invite(to=UNSERVED_NUMBER, from_=f"+1555123{number:04d}"))
            if number % WAITING_BATCH == WAITING_BATCH - 1:
                waits = (call.answered(ANSWERED_SECONDS * 2) for call in calls[-WAITING_BATCH:])
                await asyncio.gather(*waits, return_exceptions=True)
        await asyncio.sleep(WAITING_SETTLE_SECONDS)
        before = await asyncio.to_thread(usage, attendants)
        beside = {name: await asyncio.to_thread(usage, pids, with_memory=False) for name, pids in others.items()}
        await asyncio.sleep(WAITING_SECONDS)
        after = await asyncio.to_thread(usage, attendants)
        spent = [(name, await asyncio.to_thread(usage, pids, with_memory=False)) for name, pids in others.items()]
        waiting = [call for call in calls if call.answered_at is not None and call.end is None]
        silent = sum(bool(call.heard.silences(2.0, since=before.at, until=after.at)) for call in waiting)
    origin = Origin(Arm.OURS, block, lambda *_: {**meter.noise(), "lag_ms": None})
    detail: dict[str, Any] = {"callers": len(waiting), "callers_in_silence": silent}
    if len(waiting) < callers:
        failure = f"not every caller is kept company ({len(waiting)} of {callers})"
        yield origin.sample(Metric.WAITING_CPU, None, failure, **detail)
        return
    for name, now in spent:
        share = now.cpu_since(beside[name]) / (now.at - beside[name].at) / callers
        detail[f"{name}_percent"] = round(share * 100, 2)
    cpu = after.cpu_since(before) / (after.at - before.at) / callers * 100
    memory = (after.megabytes - empty.megabytes) / callers
    yield origin.sample(Metric.WAITING_CPU, cpu, None, **detail)
    yield origin.sample(Metric.WAITING_MEMORY, memory, None, **detail)


def shuffled(arms: Sequence[Arm], block: int) -> list[Arm]:
    """Every arm once; over the blocks each arm stands in each place equally often."""
    turned = [arms[(place + block) % len(arms)] for place in range(len(arms))]
    return turned if random.Random(block).random() < 0.5 else turned[::-1]  # noqa: S311 (an order, no secret)
