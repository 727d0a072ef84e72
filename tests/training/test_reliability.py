"""The calibration error, worked out by hand."""

import numpy as np
import pytest

from training.reliability import Reliability
from training.resampling import Samples

CHANCES = np.array([[0.9, 0.0], [0.96, 0.32], [1.0, 0.38], [0.94, 0.3]])
RIGHT = np.array([[True, False], [True, False], [False, True], [True, False]])
GIVEN = CHANCES > 0


@pytest.fixture
def found() -> Reliability:
    """Seven answers in two bins: of those around 0.95 three in four are right, of those around 0.33 one in three."""
    return Reliability.of(Samples(["a", "b", "c", "d"]), CHANCES, RIGHT, GIVEN)


def test_only_bins_that_hold_an_answer_are_kept_and_one_belongs_to_the_last(found: Reliability) -> None:
    assert found.bins == [3, 9]
    assert found.counts == [3, 4]


def test_a_bin_has_its_mean_probability_and_the_share_that_is_right(found: Reliability) -> None:
    assert found.probabilities == pytest.approx([1 / 3, 0.95])
    assert found.shares == pytest.approx([1 / 3, 3 / 4])
    assert all(i.low <= share <= i.high for i, share in zip(found.intervals, found.shares, strict=True))


def test_the_calibration_error_weighs_each_bin_by_its_answers(found: Reliability) -> None:
    assert found.error == pytest.approx((4 * 0.2 + 3 * 0.0) / 7)


def test_answers_that_were_not_given_do_not_count() -> None:
    given = GIVEN & np.array([True, False])
    assert Reliability.of(Samples(["a", "b", "c", "d"]), CHANCES, RIGHT, given).counts == [4]


def test_no_answer_is_no_division_by_zero() -> None:
    none = Reliability.of(Samples(["a", "b", "c", "d"]), CHANCES, RIGHT, np.zeros_like(GIVEN))
    assert (none.counts, none.error) == ([], 0.0)
