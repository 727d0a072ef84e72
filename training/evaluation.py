"""Scores of labels against the right ones: precision, recall and F1 for each label, macro and micro."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from models.classifier import Labels
from models.taxonomy import Sector, Stance
from training.corpus import LabelledStatement


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 (0..1) of one label, and how many statements rightly have it."""

    precision: float
    recall: float
    f1: float
    support: int

    @classmethod
    def of(cls, hit: int, found: int, wanted: int) -> "Score":
        """The score of `hit` right ones among `found` of `wanted`."""
        return cls(
            hit / found if found else 0.0, hit / wanted if wanted else 0.0, 2 * hit / max(found + wanted, 1), wanted
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a set of labels; `macro` is the mean F1 over labels that occur, `micro` the F1 of all together."""

    labels: dict[str, Score]
    macro: float
    micro: float

    @classmethod
    def of(cls, wanted: Sequence[frozenset[str]], found: Sequence[frozenset[str]], labels: Iterable[str]) -> "Scores":
        """Compare what was found with what was wanted, statement by statement."""
        table = {
            label: Score.of(
                sum(label in w and label in f for w, f in zip(wanted, found, strict=True)),
                sum(label in f for f in found),
                sum(label in w for w in wanted),
            )
            for label in labels
        }
        occurring = [score.f1 for score in table.values() if score.support]
        hits = sum(len(w & f) for w, f in zip(wanted, found, strict=True))
        total = sum(len(w) + len(f) for w, f in zip(wanted, found, strict=True))
        return cls(table, sum(occurring) / max(len(occurring), 1), 2 * hits / max(total, 1))

    def worst_first(self) -> list[tuple[str, Score]]:
        """The labels with their scores, from the lowest F1 to the highest."""
        return sorted(self.labels.items(), key=lambda row: row[1].f1)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of both answers over `statements` labelled statements."""

    statements: int
    sectors: Scores
    stances: Scores

    def as_json(self) -> dict[str, object]:
        """Everything, as JSON can hold it."""
        return asdict(self)


def evaluate(gold: Sequence[LabelledStatement], found: Sequence[Labels]) -> Evaluation:
    """Score what a classifier said of labelled statements."""
    sectors = [frozenset(label.sector.value for label in labels.sectors) for labels in found]
    return compare(gold, sectors, [labels.stance.stance.value for labels in found])


def compare(gold: Sequence[LabelledStatement], sectors: Sequence[frozenset[str]], stances: Sequence[str]) -> Evaluation:
    """Score sectors and stances, given for each statement; sectors only where they were labelled."""
    wanted = [
        (frozenset(s.value for s in g.sectors), f) for g, f in zip(gold, sectors, strict=True) if g.sectors is not None
    ]
    return Evaluation(
        statements=len(gold),
        sectors=Scores.of([w for w, _ in wanted], [f for _, f in wanted], [s.value for s in Sector]),
        stances=Scores.of(
            [frozenset({g.stance.value}) for g in gold], [frozenset({s}) for s in stances], [s.value for s in Stance]
        ),
    )
