"""The page of figures: joins runs, prints what was measured beside what was promised, and draws it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench import plot, statistics
from bench.goals import GOALS, Goal, Grouped, Verdict, grouped, verdict
from bench.samples import MAX_LAG_MS, MAX_STEAL_SHARE, SHARES, Metric, Sample

BEGIN, END = "<!-- figures: written by `python -m bench report` -->", "<!-- end of figures -->"
ENOUGH_SAMPLES = 200
# Of these there is one sample in a whole conversation, or none at all in a call: their number is the number of blocks.
RARE = frozenset(Metric) - {Metric.ANSWERED, Metric.FIRST_AUDIO, Metric.VOICE_TO_VOICE, Metric.INTERRUPTION}
MILLISECONDS = frozenset(
    {
        Metric.ANSWERED, Metric.FIRST_AUDIO, Metric.VOICE_TO_VOICE, Metric.INTERRUPTION, Metric.EARLY_INTERRUPTION,
    }
)  # fmt: skip


def joined(runs: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """All samples, the blocks of different runs kept apart."""
    return [
        replace(sample, block=number * 1_000_000 + sample.block)
        for number, run in enumerate(runs)
        for sample in run["samples"]
    ]


def write(runs: Sequence[Mapping[str, Any]], page: Path, picture: Path) -> None:
    """Put the figures between the page's two marks, and draw them. Raises ValueError when the page has no marks."""
    samples = joined(runs)
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{page}: expected the marks {BEGIN!r} and {END!r}")
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    figures = "\n\n".join([status(samples), table(samples), goal_table(samples), noise(samples), origin(runs)])
    page.write_text(f"{head}{BEGIN}\n{figures}\n\n![Measured values]({picture.name})\n\n{END}{tail}", encoding="utf-8")
    plot.draw(grouped(samples), picture)


def status(samples: Sequence[Sample]) -> str:
    """How far the figures may be trusted."""
    counts = Counter(sample.metric for sample in samples if sample.counts and sample.arm == "ours")
    few = [metric for metric in (Metric.FIRST_AUDIO, Metric.VOICE_TO_VOICE, Metric.INTERRUPTION)
           if counts[metric] < ENOUGH_SAMPLES]  # fmt: skip
    if not few:
        return f"At least {ENOUGH_SAMPLES} samples of each arm in set-up, voice-to-voice and interruption."
    missing = ", ".join(f"{metric}: {counts[metric]}" for metric in few)
    return f"**Provisional**: fewer than {ENOUGH_SAMPLES} samples of `ours` ({missing})."


def table(samples: Sequence[Sample]) -> str:
    """Median / 95th percentile (number of samples) of each arm; shares as counts."""
    values = grouped(samples)
    arms = list(dict.fromkeys(sample.arm for sample in samples))
    if not arms:
        return "No samples."
    lines = [f"| measured | {' | '.join(f'`{arm}`' for arm in arms)} |", f"|---|{'---|' * len(arms)}"]
    for metric in Metric:
        cells = [_cell(metric, values, arm) for arm in arms]
        if any(cells):
            lines.append(f"| {_named(metric)} | {' | '.join(cell or '–' for cell in cells)} |")
    return "\n".join(lines)


def _named(metric: Metric) -> str:
    return f"{metric}, ms" if metric in MILLISECONDS else str(metric)


def _cell(metric: Metric, values: Grouped, arm: str) -> str:
    flat = [value for block in values.get((metric, arm), {}).values() for value in block]
    if not flat:
        return ""
    if metric in SHARES:
        return f"{round(sum(flat))} of {len(flat)}"
    scale = 1000 if metric in MILLISECONDS else 1
    middle, high = statistics.median(flat) * scale, statistics.percentile(flat, 0.95) * scale
    return f"{_figure(middle)} / {_figure(high)} ({len(flat)})"


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.2f}"


def goal_table(samples: Sequence[Sample]) -> str:
    """Each goal, what was measured, and whether it is met."""
    values = grouped(samples)
    lines = ["| goal | limit | ratio of medians (95 % interval) | met |", "|---|---|---|---|"]
    lines += [_goal_row(goal, verdict(goal, values), values) for goal in GOALS]
    return "\n".join(lines)


def _goal_row(goal: Goal, judged: Verdict, values: Grouped) -> str:
    met = {True: "yes", False: "**no**", None: "not known"}[judged.met]
    return f"| {goal.metric} | {goal.words} | {_measured(goal, judged, values)} | {met} |"


def _measured(goal: Goal, judged: Verdict, values: Grouped) -> str:
    if judged.ratio is not None:
        ratio = judged.ratio
        limits = "few blocks" if ratio.low is None or ratio.high is None else f"{ratio.low:.2f} to {ratio.high:.2f}"
        return f"{ratio.value:.2f} ({limits})"
    if goal.metric in SHARES and judged.met is not None:
        return f"{_cell(goal.metric, values, 'ours')} against {_cell(goal.metric, values, goal.against)}"
    return _cell(goal.metric, values, "ours") or "no samples"


def noise(samples: Sequence[Sample]) -> str:
    """How many samples the machine spoiled, and how many gave no value for another reason."""
    void = sum(sample.void for sample in samples)
    reasons = Counter(
        f"`{sample.arm}`, {sample.metric}: {_kind(sample.failure)}"
        for sample in samples
        if sample.failure and not sample.void
    )
    lags = [sample.noise["lag_ms"] for sample in samples if sample.noise.get("lag_ms") is not None]
    words = f"{len(samples)} samples; {void} void, because the phone's own loop was over {MAX_LAG_MS:g} ms late or the "
    words += f"hypervisor took over {MAX_STEAL_SHARE:.0%} of the time."
    if lags:
        words += f" Median of the worst lateness within a sample: {np.median(np.asarray(lags, dtype=float)):.0f} ms."
    return "\n".join([words, *(f"- no value: {reason} ({count})" for reason, count in reasons.most_common(20))])


def _kind(failure: str) -> str:
    return failure.split(" (", 1)[0]


def origin(runs: Sequence[Mapping[str, Any]]) -> str:
    """Where and when the samples come from."""
    lines = []
    for run in runs:
        machine, versions = run["machine"], run["versions"]
        lines.append(
            f"- {run['started_at'][:16]}Z, {len(run['samples'])} samples: {machine['cpu']}, {machine['cores']} cores, "
            f"{machine['memory_gb']} GB, {machine['system']}, load {machine['load'][0]} when it ended; "
            + ", ".join(f"{name} {number}" for name, number in versions.items())
        )
        lines += [f"  - failed block: {failed}" for failed in run.get("failed_blocks", ())]
    return "\n".join(["Runs:", *lines])
