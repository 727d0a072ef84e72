"""Intervals from samples of whole batches, on examples whose ends are plain."""

import numpy as np
import pytest

from training.resampling import Interval, Intervals, Samples

WANTED = np.array([[True, False], [True, False], [True, False], [True, False]])


def test_a_sample_holds_as_many_batches_as_there_are_and_each_batch_whole() -> None:
    sums = Samples(["a", "a", "b"]).sums(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    assert {tuple(row) for row in sums} == {(4.0, 0.0), (2.0, 1.0), (0.0, 2.0)}


def test_a_batch_that_is_right_and_one_that_is_wrong_leave_everything_open() -> None:
    found = WANTED & np.array([[True], [True], [False], [False]])
    intervals = Intervals.of(Samples(["a", "a", "b", "b"]), ["one", "none"], WANTED, found)
    assert intervals.macro == intervals.micro == intervals.labels["one"] == Interval(0.0, 1.0)


def test_what_is_right_throughout_is_right_in_every_sample() -> None:
    intervals = Intervals.of(Samples(["a", "b", "c", "c"]), ["one", "none"], WANTED, WANTED)
    assert intervals.macro == intervals.micro == Interval(1.0, 1.0)


def test_a_label_that_occurs_nowhere_has_no_interval() -> None:
    assert Intervals.of(Samples(["a", "b", "c", "d"]), ["one", "none"], WANTED, WANTED).labels.keys() == {"one"}


def test_many_alike_batches_give_a_narrow_interval_around_the_score() -> None:
    found = np.tile([[True], [True], [True], [False]], (100, 1))
    wanted = np.ones_like(found)
    interval = Intervals.of(Samples([str(n // 4) for n in range(400)]), ["one"], wanted, found).labels["one"]
    assert (interval.low, interval.high) == pytest.approx((6 / 7, 6 / 7))


def test_the_same_batches_give_the_same_interval() -> None:
    found = WANTED & np.array([[True], [False], [True], [False]])
    one, other = (Intervals.of(Samples(["a", "b", "c", "d"]), ["one", "none"], WANTED, found) for _ in range(2))
    assert one == other
