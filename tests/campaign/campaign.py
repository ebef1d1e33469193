"""The whole campaign: block after block, a line per round, the report at the end."""

import asyncio
import json
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
import numpy as np

from callcenter.platform.embedded.ports import LOOPBACK
from tests.campaign.ears import ears
from tests.campaign.ground import Ground, ground, model_server
from tests.campaign.phrases import SAYS_GOODBYE, known_sentences, questions
from tests.campaign.plan import FAULTS, NONE, Block, draw
from tests.campaign.report import broken, table, violations_in_words
from tests.campaign.rounds import Played, invariants, play
from tests.campaign.verdict import Found, Verdict, judge, stalled
from tests.speech import speak

STACK = {"CALLCENTER_AGENT_WORKERS": "2", "CALLCENTER_AGENT_SEATS": "4", "CALLCENTER_ATTENDANTS": "2"}
SPEECH_RATE = 24_000
QUIET = 300.0
TRIES = 3


@dataclass
class Campaign:
    """What is asked for, and what has been found so far."""

    calls: int
    seed: int
    report: Path
    keep: Path
    faults: tuple[str, ...] = FAULTS
    phones: int = 5
    keep_all: bool = False
    verdicts: list[Verdict] = field(default_factory=list)

    async def run(self) -> int:
        """All of it; 1 with violations, else 0. The report is written after every round."""
        blocks = draw(self.calls, self.seed, self.faults, self.phones)
        _say(f"campaign of {self.calls} calls, seed {self.seed}: {sum(len(b.rounds) for b in blocks)} rounds")
        for sentence in (*(q.say for q in questions()), SAYS_GOODBYE):
            speak(sentence)
        with ears() as pool:
            async with model_server() as port:
                lengths = await _lengths(port)
                for number, block in enumerate(blocks, 1):
                    await self._block(number, block, port, lengths, pool)
        rounds = [asdict(verdict) for verdict in self.verdicts]
        if words := violations_in_words(rounds):
            _say(f"\n{words}")
        _say(f"\n{table(rounds)}\n")
        return 1 if broken(rounds) else 0

    async def _block(
        self, number: int, block: Block, port: int, lengths: dict[str, float], pool: ProcessPoolExecutor
    ) -> None:
        """One life of a stack. A stack that does not come up, or breaks the campaign itself, is a finding."""
        dice = random.Random(self.seed * 1000 + number)
        logs = self.keep / f"logs-{number:03}"
        started = time.monotonic()
        try:
            async with ground(port, dice, logs, CALLCENTER_ROUTERS=str(block.routers), **STACK) as there:
                _say(f"block {number}: {block.routers} routers, up after {time.monotonic() - started:.0f} s")
                await self._rounds(there, block, lengths, pool)
        except Exception as error:
            _say(f"block {number} broke off: {type(error).__name__}: {error}")
            self._note(_broken(block.rounds[0].index, block, error))

    async def _rounds(self, there: Ground, block: Block, lengths: dict[str, float], pool: ProcessPoolExecutor) -> None:
        judging: list[asyncio.Task[None]] = []
        before = await invariants(there)
        try:
            left = [(plan, TRIES) for plan in reversed(block.rounds)]
            while left:
                plan, tries = left.pop()
                started = time.monotonic()
                played = await play(there, plan, lengths)
                seconds = time.monotonic() - started
                judging.append(asyncio.create_task(self._judge(played, before, block, pool, seconds)))
                before = played.counts or before
                if played.sick:
                    raise RuntimeError(f"the stack is not healthy any more: {', '.join(played.sick)}")
                if stalled(played) and tries > 1:
                    left.append((plan, tries - 1))
        except asyncio.CancelledError:
            for task in judging:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*judging, return_exceptions=True)

    async def _judge(
        self,
        played: Played,
        before: dict[str, tuple[int, list[str]]],
        block: Block,
        pool: ProcessPoolExecutor,
        seconds: float,
    ) -> None:
        """A checker that fails is a finding too: nothing of this round was judged."""
        try:
            verdict = await judge(played, before, block.routers, pool, self.keep, self.keep_all)
        except Exception as error:
            verdict = _broken(played.plan.index, block, error)
        self._note(verdict, seconds)

    def _note(self, verdict: Verdict, seconds: float = 0.0) -> None:
        self.verdicts.append(verdict)
        worst = f"{max(verdict.recoveries):.2f} s" if verdict.recoveries else "–"
        promises = sorted({v.invariant for v in verdict.violations})
        missed = "" if verdict.hit or verdict.fault == NONE else f" (nothing hit: {verdict.note})"
        judged = f"{len(verdict.violations)} VIOLATIONS {' '.join(promises)}" if promises else "ok"
        judged = "void: the machine held the phones up" if verdict.void else judged
        _say(
            f"round {verdict.round:3}  {verdict.fault:<24} {verdict.moment:<10} {verdict.calls} calls  "
            f"{seconds:4.0f} s  lag {verdict.lag:.2f} s  recovery {worst:<8} {judged}{missed}"
        )
        self.report.parent.mkdir(parents=True, exist_ok=True)
        value = {"calls": self.calls, "seed": self.seed, "rounds": [asdict(one) for one in self.verdicts]}
        self.report.write_text(json.dumps(value, indent=1))


def _broken(index: int, block: Block, error: Exception) -> Verdict:
    found = Found(index, "block", "campaign", "", f"{type(error).__name__}: {error}")
    return Verdict(index, "block", False, "broke off", block.routers, "", 0, [], [], [found])


async def _lengths(port: int) -> dict[str, float]:
    """How long each known sentence of ours sounds, seconds, in the voice of the demo company."""
    lengths = {}
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=30, trust_env=False) as client:
        for sentence in known_sentences():
            asked = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": sentence, "response_format": "pcm"}
            answer = (await client.post("/v1/audio/speech", json=asked)).raise_for_status()
            loud = np.nonzero(np.abs(np.frombuffer(answer.content, dtype="<i2").astype(np.int32)) > QUIET)[0]
            lengths[sentence] = float(loud[-1] - loud[0]) / SPEECH_RATE
    return lengths


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
