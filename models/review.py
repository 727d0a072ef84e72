"""When a person should look: the closed list of review reasons."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.reading import Reading
from models.taxonomy import Sector


class ReviewReason(StrEnum):
    """Why a statement needs review."""

    LOW_CONFIDENCE = "low_confidence"
    STANCE_MARGIN = "stance_margin"
    NOT_ENGLISH = "not_english"
    TOO_SHORT = "too_short"
    UNFAMILIAR = "unfamiliar"


_ENGLISH = frozenset(
    ("the", "of", "and", "to", "in", "a", "for", "with", "on", "that", "by", "is", "are", "was", "as", "we", "our")
)
"""Words of which any English text of some length has a good many."""

SHORT = 5
"""Words below which a text says too little; the shortest statements of the corpus have 7."""


def reasons(
    reading: Reading, chances: Mapping[Sector, float], stances: NDArray[np.float64], parts: Mapping[str, Any]
) -> tuple[str, ...]:
    """The reasons that apply, in the order of the list."""
    words = [word for word in reading.words if word[0].isalpha()]
    known = parts["topic_words"].vocabulary_
    low, high = parts["review_band"]
    top = np.sort(stances)[::-1]
    applies = {
        ReviewReason.LOW_CONFIDENCE: any(low < chance < high for chance in chances.values()),
        ReviewReason.STANCE_MARGIN: float(top[0] - top[1]) < parts["review_margin"],
        ReviewReason.NOT_ENGLISH: len(words) >= SHORT and sum(w in _ENGLISH for w in words) < 0.1 * len(words),
        ReviewReason.TOO_SHORT: len(words) < SHORT,
        ReviewReason.UNFAMILIAR: len(words) >= SHORT and sum(w in known for w in words) < 0.7 * len(words),
    }
    return tuple(reason.value for reason, applied in applies.items() if applied)
