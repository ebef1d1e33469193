"""The figures as a picture: each arm's samples, their median, and the interval in which most of them lie."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

from bench.goals import Grouped
from bench.samples import Metric

mpl.use("svg")
from matplotlib import pyplot as plt

SHOWN = (
    Metric.ANSWERED,
    Metric.FIRST_AUDIO,
    Metric.VOICE_TO_VOICE,
    Metric.INTERRUPTION,
    Metric.EARLY_INTERRUPTION,
    Metric.ASSIGNMENTS,
)
COLOURS = {"ours": "#2563eb", "same": "#d97706", "defaults": "#6b7280"}
OTHER_COLOUR = "#9ca3af"


def draw(values: Grouped, path: Path) -> None:
    """One panel for each of the measured times, and for the assignments."""
    mpl.rcParams["svg.hashsalt"] = "callcenter"  # the same samples, the same file
    figure, panels = plt.subplots(2, 3, figsize=(12, 6.5), layout="constrained")
    for panel, metric in zip(panels.flat, SHOWN, strict=True):
        arms = [arm for (of, arm) in values if of is metric]
        for place, arm in enumerate(arms):
            flat = np.asarray([v for block in values[metric, arm].values() for v in block], dtype=np.float64)
            spread = np.random.default_rng(place).uniform(-0.18, 0.18, len(flat))
            colour = COLOURS.get(arm, OTHER_COLOUR)
            panel.plot(place + spread, flat, ".", color=colour, alpha=0.35, markersize=4)
            panel.hlines(np.median(flat), place - 0.3, place + 0.3, color=colour, linewidth=2.5)
        panel.set_title(str(metric), fontsize=10)
        panel.set_xticks(range(len(arms)), [arm.replace(", ", ",\n") for arm in arms], fontsize=8)
        panel.set_ylabel("per second" if metric is Metric.ASSIGNMENTS else "seconds", fontsize=8)
        panel.set_ylim(bottom=0)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
