"""The ratio of medians and how sure it is."""

import numpy as np
import pytest

from bench.statistics import median, percentile, ratio

pytestmark = pytest.mark.pure


def blocks(middle: float, count: int, spread: float, seed: int, each: int = 1) -> dict[object, list[float]]:
    dice = np.random.default_rng(seed)
    return {
        block: [float(middle * (1 + spread * dice.standard_normal())) for _ in range(each)] for block in range(count)
    }


def test_the_ratio_is_that_of_the_medians_and_an_outlier_does_not_move_it() -> None:
    ours = {1: [0.4], 2: [0.5], 3: [90.0]}
    theirs = {1: [1.0], 2: [1.0], 3: [1.0]}
    assert ratio(ours, theirs).value == 0.5


def test_two_hundred_blocks_find_a_difference_of_ten_percent_and_the_true_ratio_lies_in_the_interval() -> None:
    found = ratio(blocks(1.1, 200, 0.1, seed=1), blocks(1.0, 200, 0.1, seed=2))
    assert found.low is not None
    assert found.high is not None
    assert 1.0 < found.low < 1.1 < found.high < 1.2


def test_more_blocks_make_the_interval_narrower() -> None:
    few = ratio(blocks(1.0, 10, 0.2, seed=1), blocks(1.0, 10, 0.2, seed=2))
    many = ratio(blocks(1.0, 400, 0.2, seed=1), blocks(1.0, 400, 0.2, seed=2))
    assert few.low is not None
    assert few.high is not None
    assert many.low is not None
    assert many.high is not None
    assert many.high - many.low < (few.high - few.low) / 2


def test_samples_that_share_a_block_are_not_as_good_as_samples_of_many_blocks() -> None:
    dice = np.random.default_rng(3)
    luck = 1 + 0.3 * np.abs(dice.standard_normal(5))
    ours = {block: [float(luck[block])] * 40 for block in range(5)}
    theirs = {block: [1.0] * 40 for block in range(5)}
    found = ratio(ours, theirs)
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low > 0.05, "two hundred samples, but five of luck"


def test_a_block_that_one_side_missed_counts_for_neither() -> None:
    assert ratio({1: [2.0], 2: [100.0]}, {1: [1.0], 3: [50.0]}).value == 2.0


def test_two_blocks_give_a_ratio_but_no_interval() -> None:
    found = ratio({1: [2.0], 2: [2.0]}, {1: [1.0], 2: [1.0]})
    assert (found.value, found.low, found.high) == (2.0, None, None)


def test_without_common_blocks_there_is_no_ratio() -> None:
    with pytest.raises(ValueError, match="no block"):
        ratio({1: [1.0]}, {2: [1.0]})


def test_the_percentile_lies_between_the_samples() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == median([1.0, 2.0, 3.0, 4.0]) == 2.5
    with pytest.raises(ValueError, match="at least one"):
        median([])
