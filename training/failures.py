"""Known failures: sentences of our own that the classifier has labelled wrongly, tried again at each training."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.classifier import Classifier, Labels
from models.taxonomy import Sector, Stance
from training import corpus
from training.corpus import LabelledStatement

FILE = Path(__file__).parent / "failures.jsonl"
"""A labelled file whose `kind` says what goes wrong; no part of the corpus, so that nothing learns it by heart."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a classifier says of a sentence that was labelled wrongly before."""

    wanted: LabelledStatement
    sectors: frozenset[Sector]
    stance: Stance
    needs_review: bool

    @classmethod
    def of(cls, wanted: LabelledStatement, found: Labels) -> "Outcome":
        """Set the right labels beside those found."""
        sectors = frozenset(label.sector for label in found.sectors)
        return cls(wanted, sectors, found.stance.stance, found.needs_review)

    @property
    def mended(self) -> bool:
        """Whether all labels are right now."""
        return (self.sectors, self.stance) == (self.wanted.sectors, self.wanted.stance)


def attempt(classifier: Classifier, path: Path = FILE) -> list[Outcome]:
    """What the classifier says of each sentence of the file now."""
    known = corpus.read(path)
    labels = classifier.label([statement.text for statement in known])
    return [Outcome.of(*row) for row in zip(known, labels, strict=True)]


def mended(outcomes: Iterable[Outcome]) -> Sequence[str]:
    """The ids of the sentences that are no failures any more."""
    return [outcome.wanted.id for outcome in outcomes if outcome.mended]
