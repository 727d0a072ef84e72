"""When a person should look, and why."""

from collections.abc import Mapping, Set
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from models.classifier import ReviewReason
from models.reading import Reading
from models.taxonomy import Sector

Array = NDArray[np.float64]

_ENGLISH = frozenset(
    ("the", "of", "and", "to", "in", "a", "for", "with", "on", "that", "by", "is", "are", "was", "as", "we", "our")
)
"""Words of which any English text of some length has a good many."""

SHORT = 5
"""Words below which a text says too little; the shortest statements of the corpus have 7."""


def doubt(chances: Array, given: NDArray[np.bool_]) -> Array:
    """How many sectors of a statement are expected to be wrong, given or left out, beside those given.

    `chances` are probabilities (0..1), `given` says which became labels; both are statements x sectors, or one row.
    """
    wrong = np.where(given, 1 - chances, chances).sum(axis=-1)
    return cast(Array, wrong / (1 + given.sum(axis=-1)))


def reasons(
    reading: Reading, sectors: Mapping[Sector, float], given: Set[Sector], stances: Array, parts: Mapping[str, Any]
) -> tuple[ReviewReason, ...]:
    """The reasons that apply, in the order of the list; `sectors` are those that came into question."""
    words = [word for word in reading.words if word[0].isalpha()]
    known = parts["topic_words"].vocabulary_
    unsure = doubt(np.array([*sectors.values()]), np.array([sector in given for sector in sectors], dtype=np.bool_))
    top = np.sort(stances)[::-1]
    applies = {
        ReviewReason.LOW_CONFIDENCE: bool(unsure > parts["review_doubt"]),
        ReviewReason.STANCE_MARGIN: float(top[0] - top[1]) < parts["review_margin"],
        ReviewReason.NOT_ENGLISH: len(words) >= SHORT and sum(w in _ENGLISH for w in words) < 0.1 * len(words),
        ReviewReason.TOO_SHORT: len(words) < SHORT,
        ReviewReason.UNFAMILIAR: len(words) >= SHORT and sum(w in known for w in words) < 0.7 * len(words),
    }
    return tuple(reason for reason, applied in applies.items() if applied)
