"""What was promised (issue: make bench), as data, and whether the samples keep it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bench import statistics
from bench.samples import SHARES, Metric, Sample
from bench.statistics import Ratio


class Bound(StrEnum):
    """What must be within the limit."""

    RATIO_AT_MOST = "ratio ≤"
    UPPER_AT_MOST = "upper bound of the ratio ≤"
    RATIO_AT_LEAST = "ratio ≥"
    SHARE_NO_MORE = "share no more than"
    VALUE_AT_MOST = "≤"


@dataclass(frozen=True)
class Goal:
    """`ours` against another arm, or against a plain limit."""

    metric: Metric
    bound: Bound
    limit: float
    against: str = ""
    gross: float | None = None  # the ratio at which the short mode fails

    @property
    def words(self) -> str:
        if self.bound is Bound.SHARE_NO_MORE:
            return f"no more than `{self.against}`"
        beside = f" × `{self.against}`" if self.against else ""
        return f"{self.bound} {self.limit:g}{beside}"


GOALS = (
    Goal(Metric.ANSWERED, Bound.RATIO_AT_MOST, 1.05, "same", gross=2.0),
    Goal(Metric.FIRST_AUDIO, Bound.RATIO_AT_MOST, 1.05, "same", gross=2.0),
    Goal(Metric.VOICE_TO_VOICE, Bound.UPPER_AT_MOST, 1.15, "same", gross=1.5),
    Goal(Metric.VOICE_TO_VOICE, Bound.RATIO_AT_MOST, 0.7, "defaults"),
    Goal(Metric.CUT_OFF, Bound.SHARE_NO_MORE, 1.0, "defaults"),
    Goal(Metric.INTERRUPTION, Bound.UPPER_AT_MOST, 1.15, "same", gross=2.0),
    Goal(Metric.INTERRUPTION, Bound.RATIO_AT_MOST, 0.5, "defaults"),
    Goal(Metric.EARLY_INTERRUPTION, Bound.RATIO_AT_MOST, 0.3, "defaults"),
    Goal(Metric.COUGH_STOPS, Bound.SHARE_NO_MORE, 1.0, "defaults"),
    Goal(Metric.HUM_STOPS, Bound.SHARE_NO_MORE, 1.0, "defaults"),
    Goal(Metric.WAITING_CPU, Bound.VALUE_AT_MOST, 1.0),
    Goal(Metric.WAITING_MEMORY, Bound.VALUE_AT_MOST, 3.0),
    Goal(Metric.ASSIGNMENTS, Bound.RATIO_AT_LEAST, 5.0, "procrastinate", gross=1.0),
    Goal(Metric.ASSIGNMENTS, Bound.RATIO_AT_LEAST, 1.0, "pgqueuer"),
)

Grouped = dict[tuple[Metric, str], dict[object, list[float]]]


def grouped(samples: Iterable[Sample]) -> Grouped:
    """The values that count, by metric and arm, by block."""
    found: Grouped = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        if sample.counts and sample.value is not None:
            found[sample.metric, sample.arm][sample.block].append(sample.value)
    return found


@dataclass(frozen=True)
class Verdict:
    """`met` is None where there are no samples to judge by."""

    goal: Goal
    ratio: Ratio | None
    met: bool | None


def verdict(goal: Goal, values: Grouped) -> Verdict:
    """Whether the samples keep a goal."""
    ours = values.get((goal.metric, "ours"), {})
    flat = [value for block in ours.values() for value in block]
    if not flat:
        return Verdict(goal, None, None)
    if goal.bound is Bound.VALUE_AT_MOST:
        return Verdict(goal, None, statistics.median(flat) <= goal.limit)
    theirs = values.get((goal.metric, goal.against), {})
    other = [value for block in theirs.values() for value in block]
    if not other:
        return Verdict(goal, None, None)
    if goal.metric in SHARES:
        return Verdict(goal, None, float(np.mean(flat)) <= float(np.mean(other)))
    try:
        ratio = statistics.ratio(ours, theirs)
    except ValueError:
        return Verdict(goal, None, None)
    return Verdict(goal, ratio, _within(goal, ratio))


def _within(goal: Goal, ratio: Ratio) -> bool | None:
    """None with so few blocks that there is no interval."""
    if ratio.high is None:
        return None
    match goal.bound:
        case Bound.RATIO_AT_LEAST:
            return ratio.value >= goal.limit
        case Bound.UPPER_AT_MOST:
            return ratio.high <= goal.limit
        case _:
            return ratio.value <= goal.limit


def gross_regressions(samples: Sequence[Sample]) -> list[str]:
    """What is so much worse than the baseline that no noise explains it, and what could not be measured at all.

    Void samples are judged too: a machine that is always busy would otherwise hide everything.
    """
    values: Grouped = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        if sample.value is not None:
            values[sample.metric, sample.arm][sample.block].append(sample.value)
    found = []
    for goal in GOALS:
        if goal.gross is None:
            continue
        try:
            ratio = statistics.ratio(values[goal.metric, "ours"], values[goal.metric, goal.against]).value
        except ValueError as error:
            found.append(f"{goal.metric}: not measured beside {goal.against}: {error}")
            continue
        worse = ratio < goal.gross if goal.bound is Bound.RATIO_AT_LEAST else ratio > goal.gross
        if worse:
            found.append(f"{goal.metric}: {ratio:.2f} × {goal.against}, the limit is {goal.gross:g}")
    return found
