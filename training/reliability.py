"""Whether probabilities can be trusted: what was said with 70 % should be right seven times in ten."""

from dataclasses import dataclass

import numpy as np

from models.pipeline import STANCES, Array
from models.taxonomy import Stance
from training.held_out import Flags, HeldOut
from training.resampling import Interval, Samples

BINS = 10
"""Bins of equal width; `score.py` and most papers have as many."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """For each bin that holds any: its number, mean probability, the share that is right, its interval and how many.

    `error` is the expected calibration error (Naeini et al. 2015): the mean distance of the two, weighted by count.
    """

    bins: list[int]
    probabilities: list[float]
    shares: list[float]
    intervals: list[Interval]
    counts: list[int]
    error: float

    @classmethod
    def of(cls, samples: Samples, chances: Array, right: Flags, given: Flags) -> "Reliability":
        """Of the answers that are `given`; all three are statements x answers."""
        bins = np.minimum((chances * BINS).astype(int), BINS - 1)
        inside = [given & (bins == number) for number in range(BINS)]
        counts, said, true = (
            np.stack([(chosen * values).sum(axis=1) for chosen in inside], axis=1).astype(float)
            for values in (np.ones_like(chances), chances, right)
        )
        held = np.flatnonzero(counts.sum(axis=0))
        count, mean, share = (values.sum(axis=0)[held] for values in (counts, said, true))
        with np.errstate(invalid="ignore"):  # a sample may leave a bin empty: NaN, which the interval passes over
            sampled = samples.sums(true)[:, held] / samples.sums(counts)[:, held]
        return cls(
            [int(number) for number in held],
            list(mean / count),
            list(share / count),
            [Interval.of(column) for column in sampled.T],
            [int(number) for number in count],
            float(np.abs(mean - share).sum() / max(count.sum(), 1)),
        )


def of_sectors(held_out: HeldOut) -> dict[str, Reliability]:
    """Of every sector that was proposed for a statement, and of those that a subscriber would have seen."""
    samples = Samples(held_out.batches)
    series = {"proposed": held_out.chances > 0, "given": held_out.found}
    return {name: Reliability.of(samples, held_out.chances, held_out.wanted, given) for name, given in series.items()}


def of_stances(held_out: HeldOut) -> dict[str, Reliability]:
    """Of the stance given, and of that where it is another than `not_addressed`."""
    samples = Samples(held_out.batches)
    on_the_war = held_out.found_stance & [stance is not Stance.NOT_ADDRESSED for stance in STANCES]
    series = {"all": held_out.found_stance, "on the war": on_the_war}
    return {
        name: Reliability.of(samples, held_out.stances, held_out.wanted_stance, given) for name, given in series.items()
    }
