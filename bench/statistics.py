"""Medians and their ratio, with the uncertainty that a bootstrap over whole blocks gives it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Blocks = Mapping[Any, Sequence[float]]

RESAMPLES = 4000
CONFIDENCE = 0.95
MIN_BLOCKS = 3


@dataclass(frozen=True)
class Ratio:
    """`value` with the limits of its 95 % interval; None for limits that so few blocks cannot give."""

    value: float
    low: float | None
    high: float | None


def percentile(values: Sequence[float], share: float) -> float:
    """`share` 0.95 is the 95th percentile, interpolated. Raises ValueError without values."""
    if not values:
        raise ValueError("values: expected at least one")
    return float(np.quantile(np.asarray(values, dtype=np.float64), share))


def median(values: Sequence[float]) -> float:
    return percentile(values, 0.5)


def ratio(
    ours: Blocks,
    theirs: Blocks,
    statistic: Callable[[Values], np.float64] = np.median,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> Ratio:
    """The ratio of a statistic of ours to that of theirs.

    Blocks, not samples, are drawn again: what was measured in the same minute shares that minute's luck. A block counts
    where both sides have it. Raises ValueError when no block does, or theirs is zero.
    """
    shared = [block for block in ours if block in theirs and len(ours[block]) and len(theirs[block])]
    if not shared:
        raise ValueError("no block has samples of both sides")
    a = [np.asarray(ours[block], dtype=np.float64) for block in shared]
    b = [np.asarray(theirs[block], dtype=np.float64) for block in shared]
    below = float(statistic(np.concatenate(b)))
    if below == 0:
        raise ValueError("theirs is zero")
    value = float(statistic(np.concatenate(a))) / below
    if len(shared) < MIN_BLOCKS:
        return Ratio(value, None, None)
    dice = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        picks = dice.integers(0, len(shared), len(shared))
        under = statistic(np.concatenate([b[pick] for pick in picks]))
        if under:
            drawn.append(float(statistic(np.concatenate([a[pick] for pick in picks])) / under))
    tail = (1 - CONFIDENCE) / 2
    return Ratio(value, percentile(drawn, tail), percentile(drawn, 1 - tail))
