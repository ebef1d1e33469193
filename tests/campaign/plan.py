"""What is drawn: the blocks of a campaign, their rounds, and for each round the callers' scripts and one fault."""

import random
from dataclasses import dataclass

from tests.campaign.phrases import questions

MAIN, BACK_OFFICE, UNKNOWN = "+15550100", "+15550102", "+15550199"
ROUTERS = (1, 2, 5)
ROUNDS_IN_A_BLOCK = 10
NONE = "none"
PROCESS_FAULTS = tuple(f"{part} {how}" for part in ("job", "worker", "attendant", "router", "api") for how in ("killed", "stopped"))  # fmt: skip  # noqa: E501
FAULTS = (
    NONE,
    *PROCESS_FAULTS,
    "postgres restarted",
    "postgres connections cut",
    "redis restarted",
    *(f"webhooks {how}" for how in ("lost", "doubled", "shuffled", "delayed")),
    "desk cut",
    *(f"models {how}" for how in ("down", "slow", "silent", "429", "500", "nonsense")),
)
MOMENTS = ("ringing", "heard", "speaking", "asked", "answering", "any")
# What callers do besides talking to the end, with the number they dial.
SHORT_SCRIPTS = {
    "hangs up while it rings": BACK_OFFICE,
    "hangs up while an attendant plays": BACK_OFFICE,
    "waits": BACK_OFFICE,
    "hangs up in the greeting": MAIN,
    "hangs up in their own sentence": MAIN,
    "hangs up after a question": MAIN,
    "dials an unknown number": UNKNOWN,
}
TALKS = "talks"


@dataclass(frozen=True)
class ScriptPlan:
    """One caller. `delay` seconds pass before the call; `chance` (0 to 1) places what the script leaves open."""

    name: str
    number: str
    questions: tuple[int, ...]
    delay: float
    pause: float
    chance: float


@dataclass(frozen=True)
class RoundPlan:
    """Callers at once, and a fault at a moment of the first of them (`any`: `wait` seconds after the round began)."""

    index: int
    fault: str
    moment: str
    wait: float
    seconds: float
    chance: float
    scripts: tuple[ScriptPlan, ...]


@dataclass(frozen=True)
class Block:
    """One life of a stack."""

    routers: int
    rounds: tuple[RoundPlan, ...]


def draw(calls: int, seed: int, faults: tuple[str, ...] = FAULTS, phones: int = 5) -> tuple[Block, ...]:
    """The same campaign for the same arguments; every fault comes about as often as every other."""
    dice = random.Random(seed)
    deck: list[str] = []
    rounds: list[RoundPlan] = []
    left = calls
    while left > 0:
        if not deck:
            deck = dice.sample(faults, len(faults))
        count = min(left, phones if phones < 3 else dice.randint(phones - 1, phones))
        rounds.append(_round(dice, len(rounds) + 1, deck.pop(), count))
        left -= count
    chunks = [rounds[i : i + ROUNDS_IN_A_BLOCK] for i in range(0, len(rounds), ROUNDS_IN_A_BLOCK)]
    order = dice.sample(ROUTERS, len(ROUTERS))
    return tuple(Block(order[i % len(order)], tuple(chunk)) for i, chunk in enumerate(chunks))


def _round(dice: random.Random, index: int, fault: str, count: int) -> RoundPlan:
    attended = fault.startswith("attendant")
    first = _script(dice, "waits" if attended else TALKS, delay=0.0)
    moment = dice.choice(("ringing", "heard", "any") if attended else MOMENTS)
    rest = [_script(dice, _draw_name(dice), dice.uniform(0.2, 3.0)) for _ in range(count - 1)]
    return RoundPlan(
        index, fault, moment, dice.uniform(0.0, 8.0 if moment == "any" else 0.9), dice.uniform(1.5, 8.0), dice.random(),
        (first, *rest),
    )  # fmt: skip


def _draw_name(dice: random.Random) -> str:
    return TALKS if dice.random() < 0.5 else dice.choice(sorted(SHORT_SCRIPTS))


def _script(dice: random.Random, name: str, delay: float) -> ScriptPlan:
    asked = tuple(dice.sample(range(len(questions())), dice.randint(1, 2)))
    return ScriptPlan(name, SHORT_SCRIPTS.get(name, MAIN), asked, delay, dice.uniform(0.0, 0.7), dice.random())
