"""How far a score may be off: 95 % intervals from samples of whole batches, drawn again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from models.features import SECTORS
from models.pipeline import STANCES, Array
from training.held_out import Flags, HeldOut

ROUNDS = 2000
"""Samples drawn; from one seed to another the ends of intervals move by 0.002 (sectors) to 0.005 (stance)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95 % of the samples."""

    low: float
    high: float

    @classmethod
    def of(cls, samples: Array) -> "Interval":
        """The interval of one figure, given in each sample; samples that lack it (NaN) do not count."""
        low, high = np.nanquantile(samples, [0.025, 0.975])
        return cls(float(low), float(high))

    def __str__(self) -> str:
        return f"{self.low:.2f}–{self.high:.2f}"


class Samples:
    """As many batches as there are, drawn with replacement: statements of one batch are no independent evidence."""

    def __init__(self, batches: Sequence[str]) -> None:
        names, self._places = np.unique(np.asarray(batches), return_inverse=True)
        dice = np.random.default_rng(0)
        self._drawn = dice.multinomial(len(names), np.full(len(names), 1 / len(names)), size=ROUNDS)

    def sums(self, values: Array | Flags) -> Array:
        """The sum of each column over each sample, samples x columns; `values` are statements x columns."""
        totals = np.zeros((self._drawn.shape[1], values.shape[1]))
        np.add.at(totals, self._places, values)
        return self._drawn @ totals


@dataclass(frozen=True, slots=True)
class Intervals:
    """The intervals of F1: of each label, of their mean (macro), of all labels together (micro)."""

    labels: dict[str, Interval]
    macro: Interval
    micro: Interval

    @classmethod
    def of(cls, samples: Samples, labels: Sequence[str], wanted: Flags, found: Flags) -> "Intervals":
        """Both matrices are statements x labels."""
        hits, support = samples.sums(wanted & found), samples.sums(wanted)
        total = support + samples.sums(found)
        f1, there = 2 * hits / np.maximum(total, 1), support > 0
        macro = (f1 * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
        micro = 2 * hits.sum(axis=1) / np.maximum(total.sum(axis=1), 1)
        columns = zip(labels, np.where(there, f1, np.nan).T, strict=True)
        table = {label: Interval.of(column) for label, column in compress(columns, there.sum(axis=0))}
        return cls(table, Interval.of(macro), Interval.of(micro))


def of_sectors(held_out: HeldOut) -> Intervals:
    """How far the scores of the sectors may be off."""
    samples = Samples(held_out.batches)
    return Intervals.of(samples, [sector.value for sector in SECTORS], held_out.wanted, held_out.found)


def of_stances(held_out: HeldOut) -> Intervals:
    """How far the scores of the stances may be off."""
    samples = Samples(held_out.batches)
    return Intervals.of(samples, [s.value for s in STANCES], held_out.wanted_stance, held_out.found_stance)
