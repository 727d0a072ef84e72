"""What a caller gets: a classifier that labels statements, and the labels it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from models.taxonomy import Sector, Stance


class ReviewReason(StrEnum):
    """Why a person should look at a statement; a closed list."""

    LOW_CONFIDENCE = "low_confidence"
    STANCE_MARGIN = "stance_margin"
    NOT_ENGLISH = "not_english"
    TOO_SHORT = "too_short"
    UNFAMILIAR = "unfamiliar"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of a statement's text, and what stands there."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class SectorLabel:
    """A sector that a statement speaks of, how sure that is (0..1), and the words that say so."""

    sector: Sector
    probability: float
    evidence: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class StanceLabel:
    """The stance of a statement, the probability of every stance, and the words that decided."""

    stance: Stance
    probabilities: Mapping[Stance, float]
    evidence: tuple[Span, ...]

    @property
    def probability(self) -> float:
        """The probability of the stance given."""
        return self.probabilities[self.stance]


@dataclass(frozen=True, slots=True)
class Labels:
    """All that is said of one statement."""

    sectors: tuple[SectorLabel, ...]
    stance: StanceLabel
    review_reasons: tuple[ReviewReason, ...]

    @property
    def needs_review(self) -> bool:
        """Whether a person should look at the statement."""
        return bool(self.review_reasons)


class Classifier(Protocol):
    """Anything that labels texts; the one in `models.pipeline` is what artefacts hold."""

    def label(self, texts: Sequence[str]) -> list[Labels]:
        """One `Labels` for each text, in order; none for none."""
        ...
