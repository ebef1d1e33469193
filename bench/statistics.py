"""Medians and their ratio, with the uncertainty that a bootstrap over whole blocks gives it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Blocks = Mapping[Any, Sequence[float]]

RESAMPLES = 2000
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
    statistic: Callable[..., Any] = np.median,
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
    drawn = _resampled(a, b, statistic, resamples, np.random.default_rng(seed))
    tail = (1 - CONFIDENCE) / 2
    return Ratio(value, percentile(drawn, tail), percentile(drawn, 1 - tail))


def _resampled(
    ours: list[Values], theirs: list[Values], statistic: Callable[..., Any], resamples: int, dice: np.random.Generator
) -> list[float]:
    """The ratios of so many draws of blocks, with replacement."""
    picks = dice.integers(0, len(ours), (resamples, len(ours)))
    if all(len(block) == 1 for block in (*ours, *theirs)):
        above = statistic(np.concatenate(ours)[picks], axis=1)
        below = statistic(np.concatenate(theirs)[picks], axis=1)
    else:
        above = np.asarray([statistic(np.concatenate([ours[pick] for pick in row])) for row in picks])
        below = np.asarray([statistic(np.concatenate([theirs[pick] for pick in row])) for row in picks])
    return [float(value) for value in above[below > 0] / below[below > 0]]
