"""From samples to the page: what is joined, what is void, and what is promised."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from bench import report
from bench.goals import GOALS, Bound, Goal, gross_regressions, grouped, verdict
from bench.plan import LONG_SAMPLES, long_plan
from bench.samples import MAX_LAG_MS, Metric, Run, Sample, load, now
from bench.script import draw

pytestmark = pytest.mark.pure


def sample(metric: Metric, arm: str, value: float | None, block: int = 0, lag_ms: float = 1.0) -> Sample:
    failure = None if value is not None else "no answer came"
    return Sample(metric, arm, block, value, now(), failure, {"lag_ms": lag_ms, "steal_share": 0.0})


def some(metric: Metric, arm: str, value: float, blocks: int = 5) -> list[Sample]:
    return [sample(metric, arm, value, block) for block in range(blocks)]


def the_goal(metric: Metric, against: str) -> Goal:
    return next(goal for goal in GOALS if (goal.metric, goal.against) == (metric, against))


def healthy() -> list[Sample]:
    """A short run in which nothing is wrong."""
    found = []
    for goal in GOALS:
        if goal.gross is not None:
            better = 2 * goal.limit if goal.bound is Bound.RATIO_AT_LEAST else 1.0
            found += some(goal.metric, "ours", better) + some(goal.metric, goal.against, 1.0)
    return found


def test_a_void_sample_and_one_without_a_value_are_counted_and_judge_nothing(tmp_path: Path) -> None:
    samples = [
        sample(Metric.FIRST_AUDIO, "ours", 0.4),
        sample(Metric.FIRST_AUDIO, "ours", 9.0, lag_ms=MAX_LAG_MS + 1),
        sample(Metric.FIRST_AUDIO, "ours", None),
    ]
    assert grouped(samples)[Metric.FIRST_AUDIO, "ours"] == {0: [0.4]}
    said = report.noise(samples)
    assert "1 void" in said
    assert "no answer came (1)" in said


def test_a_goal_is_met_or_missed_by_the_ratio_of_medians() -> None:
    goal = the_goal(Metric.INTERRUPTION, "defaults")
    values = grouped(some(Metric.INTERRUPTION, "ours", 0.4) + some(Metric.INTERRUPTION, "defaults", 1.0))
    assert verdict(goal, values).met is True
    values = grouped(some(Metric.INTERRUPTION, "ours", 0.6) + some(Metric.INTERRUPTION, "defaults", 1.0))
    assert verdict(goal, values).met is False


def test_an_upper_bound_cannot_be_judged_by_two_blocks() -> None:
    goal = the_goal(Metric.VOICE_TO_VOICE, "same")
    values = grouped(some(Metric.VOICE_TO_VOICE, "ours", 1.0, 2) + some(Metric.VOICE_TO_VOICE, "same", 1.0, 2))
    assert verdict(goal, values).met is None


def test_false_stops_are_compared_by_their_share() -> None:
    goal = the_goal(Metric.COUGH_STOPS, "defaults")
    ours = [sample(Metric.COUGH_STOPS, "ours", float(block < 2), block) for block in range(10)]
    theirs = [sample(Metric.COUGH_STOPS, "defaults", float(block < 1), block) for block in range(10)]
    assert verdict(goal, grouped(ours + theirs)).met is False
    assert verdict(goal, grouped([*theirs, *ours[2:]])).met is True


def test_the_short_mode_fails_on_a_gross_regression_and_names_it() -> None:
    assert gross_regressions(healthy()) == []
    slow = [s for s in healthy() if (s.metric, s.arm) != (Metric.FIRST_AUDIO, "ours")]
    slow += some(Metric.FIRST_AUDIO, "ours", 2.1)
    assert [sentence.split(":")[0] for sentence in gross_regressions(slow)] == [Metric.FIRST_AUDIO]


def test_what_could_not_be_measured_fails_the_short_mode_too() -> None:
    missing = [s for s in healthy() if s.metric is not Metric.ASSIGNMENTS]
    assert "not measured" in gross_regressions(missing)[0]


def test_blocks_of_different_runs_stay_apart_and_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    paths = []
    for number in range(2):
        run = Run(tmp_path / f"{number}.json", {"seed": number}, some(Metric.FIRST_AUDIO, "ours", 0.5, blocks=3))
        run.save()
        paths.append(run.path)
    runs = [load(path) for path in paths]
    assert [(s.metric, s.arm, s.value) for s in runs[0]["samples"]] == [(Metric.FIRST_AUDIO, "ours", 0.5)] * 3
    assert len(grouped(report.joined(runs))[Metric.FIRST_AUDIO, "ours"]) == 6


def test_a_file_that_is_no_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"samples": [{"metric": "?"}]}))
    with pytest.raises(ValueError, match=r"x\.json"):
        load(tmp_path / "x.json")


def test_the_page_says_provisional_until_there_are_two_hundred_samples_and_keeps_its_own_words(tmp_path: Path) -> None:
    page, picture = tmp_path / "page.md", tmp_path / "page.svg"
    page.write_text(f"# Words before\n{report.BEGIN}\nold\n{report.END}\nWords after\n")
    run = Run(tmp_path / "1.json", {}, healthy())
    run.save()
    report.write([load(run.path)], page, picture)
    text = page.read_text()
    assert text.startswith("# Words before\n")
    assert text.endswith("Words after\n")
    assert "old" not in text
    assert "Provisional" in text
    assert picture.read_text().startswith("<?xml")
    enough = [
        s for m in (Metric.FIRST_AUDIO, Metric.VOICE_TO_VOICE, Metric.INTERRUPTION) for s in some(m, "ours", 1, 200)
    ]
    assert "Provisional" not in report.status(enough)


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="expected the marks"):
        report.write([], page, tmp_path / "page.svg")


def test_every_arm_of_a_block_gets_the_same_script_and_the_next_block_another() -> None:
    assert draw(3, 1, 12) == draw(3, 1, 12)
    assert draw(3, 1, 12) != draw(4, 1, 12)
    asked = [question for question, _ in draw(3, 1, 12).turns]
    assert all(one != following for one, following in pairwise(asked)), "an old answer would fit too"


def test_the_long_mode_reaches_the_number_of_samples_it_was_asked_for() -> None:
    plan = long_plan()
    assert plan.blocks["setup"] >= LONG_SAMPLES
    assert plan.blocks["talk"] * plan.turns >= LONG_SAMPLES


@pytest.mark.parametrize(
    ("samples", "parts", "wrong"), [(0, ["setup"], "SAMPLES: 0"), (5, ["setups"], "PARTS: setups")]
)
def test_wrong_options_are_named(samples: int, parts: list[str], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        long_plan(samples, parts)
