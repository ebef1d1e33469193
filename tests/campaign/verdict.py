"""A played round becomes a verdict: violations with their timelines, recoveries, and what is kept to look at."""

import json
import time
import wave
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from tests.campaign import silence
from tests.campaign.checker import Violation, check, shared_seats
from tests.campaign.ears import sentences_in
from tests.campaign.history import timeline_in_words
from tests.campaign.rounds import Played
from tests.ear import RATE

STALL_SECONDS = 0.3


@dataclass
class Found:
    """One violation as it is reported."""

    round: int
    fault: str
    invariant: str
    call_id: str
    what: str
    script: str = ""
    timeline: list[str] = field(default_factory=list)


@dataclass
class Verdict:
    """One round in the report. `recoveries`: seconds, one for each call that the fault met. `void`: the machine held
    the phones up, so nothing can be said about what they heard; the round is played again."""

    round: int
    fault: str
    hit: bool
    note: str
    routers: int
    moment: str
    calls: int
    scripts: list[str]
    recoveries: list[float]
    violations: list[Found]
    lag: float = 0.0
    void: bool = False


async def judge(
    played: Played,
    before: dict[str, tuple[int, list[str]]],
    routers: int,
    pool: ProcessPoolExecutor,
    keep: Path,
    keep_all: bool,
) -> Verdict:
    """Listen to the recordings, check every call, keep what is needed to look into violations. `before`: the
    invariants' counts when the round began."""
    for caller in played.callers:
        spans = [(t.started_at - caller.recorded_from, t.ended_at - caller.recorded_from) for t in caller.history.turns]
        for turn, heard in zip(
            caller.history.turns, await sentences_in(pool, caller.recording, spans) if spans else [], strict=True
        ):
            turn.heard = heard
    plan, fault = played.plan, played.fault
    found = [
        Found(plan.index, plan.fault, v.invariant, v.call_id, v.what, call.phone.script, timeline_in_words(call.stored, call.phone))  # noqa: E501
        for call in played.calls
        for v in check(call, fault)
    ]  # fmt: skip
    found += [Found(plan.index, plan.fault, v.invariant, v.call_id, v.what) for v in _of_the_round(played, before)]
    recoveries = [silence.recovery(call.phone, call.stored.call_id, fault) for call in played.calls]
    verdict = Verdict(
        plan.index, plan.fault, fault.hit, fault.note, routers, plan.moment, len(played.calls),
        [script.name for script in plan.scripts], [round(r, 3) for r in recoveries if r is not None],
        found, round(played.lag, 3), stalled(played),
    )  # fmt: skip
    if found or keep_all:
        _keep(played, verdict, keep / f"round-{plan.index:04}")
    return verdict


def stalled(played: Played) -> bool:
    """Whether the phones spoke and listened in fits and starts: their machine's fault, not that of what is tested."""
    return played.lag > STALL_SECONDS


SEAT_HELD = "held its seat for over 5 s"


def _of_the_round(played: Played, before: dict[str, tuple[int, list[str]]]) -> list[Violation]:
    offers = [offer for call in played.calls for offer in call.stored.offers]
    found = [Violation("I2", "", what) for what in shared_seats(offers)]
    for name, (count, examples) in played.counts.items():
        known = before.get(name, (0, []))
        if count > known[0]:
            new = [example for example in examples if example not in known[1]]
            # `late_seats` judges this by the phone's clock, and knows how long the fault kept the seat's worker away.
            if not (new and all(SEAT_HELD in example for example in new)):
                found.append(Violation(name, "", f"/api/health/invariants counts {count - known[0]} more: {new}"))
    if played.sick:
        found.append(Violation("health", "", f"not healthy again after the round: {', '.join(played.sick)}"))
    return found


def _keep(played: Played, verdict: Verdict, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for caller, call in zip(played.callers, played.calls, strict=True):
        name = call.stored.call_id or caller.history.sip_call_id
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.asarray(caller.recording).astype("<i2").tobytes())
        (folder / f"{name}.json").write_text(json.dumps(asdict(call), indent=1))
        (folder / f"{name}.txt").write_text("\n".join(timeline_in_words(call.stored, call.phone)) + "\n")
    (folder / "verdict.json").write_text(json.dumps(asdict(verdict) | {"fault": asdict(played.fault)}, indent=1))
    (folder / "when.txt").write_text(time.strftime("%FT%TZ", time.gmtime(played.fault.started_at)) + "\n")
