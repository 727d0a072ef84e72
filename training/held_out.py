"""What was said of each statement while its batch was held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from models.features import SECTORS
from models.pipeline import STANCES, Array, Parts
from training.corpus import LabelledStatement
from training.evaluation import Evaluation, compare
from training.fitting import given

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class HeldOut:
    """Statements of one passage with the probabilities (0..1) and answers that they got, unseen.

    `chances` (0 where nothing proposed a sector) and `found` are statements x SECTORS, `stances` statements x STANCES.
    """

    statements: Sequence[LabelledStatement]
    chances: Array
    found: Flags
    stances: Array

    @classmethod
    def of(cls, statements: Sequence[LabelledStatement], parts: Parts, held_out: Parts) -> "HeldOut":
        """Read what `training.fitting.fit` gives."""
        chosen = held_out["statements"]
        classes = list(parts["stance_classifier"].classes_)
        scores = held_out["stances"][chosen][:, [classes.index(stance.value) for stance in STANCES]]
        return cls(
            [statements[n] for n in chosen],
            held_out["chances"],
            given(parts, held_out["chances"]),
            softmax(scores / parts["stance_temperature"], axis=1),
        )

    @property
    def batches(self) -> list[str]:
        """The batch of each statement."""
        return [statement.batch for statement in self.statements]

    @cached_property
    def wanted(self) -> Flags:
        """The right sectors, statements x SECTORS."""
        return np.array([[sector in (s.sectors or ()) for sector in SECTORS] for s in self.statements])

    @cached_property
    def wanted_stance(self) -> Flags:
        """The right stance, statements x STANCES."""
        return np.array([[s.stance is stance for stance in STANCES] for s in self.statements])

    @cached_property
    def found_stance(self) -> Flags:
        """The surest stance, statements x STANCES."""
        return cast(Flags, np.eye(len(STANCES), dtype=np.bool_)[self.stances.argmax(axis=1)])

    def where(self, chosen: Sequence[bool]) -> "HeldOut":
        """The statements that are chosen, alone."""
        rows = np.flatnonzero(chosen)
        statements = list(compress(self.statements, chosen))
        return HeldOut(statements, self.chances[rows], self.found[rows], self.stances[rows])

    @cached_property
    def evaluation(self) -> Evaluation:
        """The scores of the answers."""
        sectors = [
            frozenset(sector.value for sector, found in zip(SECTORS, row, strict=True) if found) for row in self.found
        ]
        stances = [STANCES[n].value for n in self.stances.argmax(axis=1)]
        return compare(self.statements, sectors, stances)
