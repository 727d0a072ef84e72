"""The arithmetic of the scores, on examples worked out by hand."""

import json
from dataclasses import astuple

import pytest

from models.classifier import Labels, SectorLabel, StanceLabel
from models.taxonomy import Sector, Stance
from training.corpus import LabelledStatement
from training.evaluation import Evaluation, Score, compare, evaluate

ENERGY, WATER, HEALTH = Sector.ENERGY, Sector.WATER, Sector.HEALTH
UKRAINE, BALANCED, RUSSIA, NONE = Stance

WANTED: list[tuple[set[Sector] | None, Stance]] = [
    ({ENERGY, WATER}, UKRAINE),
    ({ENERGY}, UKRAINE),
    (set(), BALANCED),
    ({WATER}, NONE),
    (None, NONE),
]
FOUND: list[tuple[set[Sector], Stance]] = [
    ({ENERGY}, UKRAINE),
    ({ENERGY, WATER}, BALANCED),
    ({ENERGY, HEALTH}, BALANCED),
    ({WATER}, NONE),
    ({HEALTH}, UKRAINE),
]


@pytest.fixture
def gold() -> list[LabelledStatement]:
    """Five statements; of the last only the stance was labelled."""
    return [
        LabelledStatement(str(n), "text", None if s is None else frozenset(s), stance, True, "b", "k")
        for n, (s, stance) in enumerate(WANTED)
    ]


@pytest.fixture
def evaluation(gold: list[LabelledStatement]) -> Evaluation:
    """The scores of what was found."""
    labels = [
        Labels(
            tuple(SectorLabel(sector, 0.9, ()) for sector in sectors),
            StanceLabel(stance, {s: float(s is stance) for s in Stance}, ()),
            (),
        )
        for sectors, stance in FOUND
    ]
    return evaluate(gold, labels)


def test_precision_recall_and_f1_of_a_sector(evaluation: Evaluation) -> None:
    # energy: found in 3 statements, 2 of them rightly, of 2; water: found in 2, 1 rightly, of 2.
    assert astuple(evaluation.sectors.labels["energy"]) == pytest.approx((2 / 3, 1.0, 4 / 5, 2))
    assert evaluation.sectors.labels["water"] == Score(0.5, 0.5, 0.5, 2)


def test_a_label_that_is_nowhere_right_or_nowhere_at_all_scores_nothing(evaluation: Evaluation) -> None:
    assert evaluation.sectors.labels["health"] == Score(0.0, 0.0, 0.0, 0)
    assert evaluation.sectors.labels["space"] == Score(0.0, 0.0, 0.0, 0)


def test_macro_is_the_mean_over_labels_that_occur(evaluation: Evaluation) -> None:
    assert evaluation.sectors.macro == pytest.approx((4 / 5 + 1 / 2) / 2)


def test_micro_counts_all_labels_together(evaluation: Evaluation) -> None:
    # 3 right of 6 found and 4 wanted; the fifth statement's sectors were not labelled.
    assert evaluation.sectors.micro == pytest.approx(2 * 3 / (6 + 4))


def test_stances_are_scored_on_every_statement(evaluation: Evaluation) -> None:
    assert evaluation.statements == 5
    f1 = {label: score.f1 for label, score in evaluation.stances.labels.items()}
    expected = {UKRAINE: 1 / 2, BALANCED: 2 / 3, RUSSIA: 0.0, NONE: 2 / 3}
    assert f1 == pytest.approx({stance.value: score for stance, score in expected.items()})
    assert evaluation.stances.macro == pytest.approx((1 / 2 + 2 / 3 + 2 / 3) / 3)
    assert evaluation.stances.micro == pytest.approx(3 / 5)


def test_what_is_right_throughout_scores_one(gold: list[LabelledStatement]) -> None:
    sectors = [frozenset(s.value for s in g.sectors or ()) for g in gold]
    perfect = compare(gold, sectors, [g.stance.value for g in gold])
    assert (perfect.sectors.macro, perfect.sectors.micro) == (1.0, 1.0)
    assert (perfect.stances.macro, perfect.stances.micro) == (1.0, 1.0)


def test_nothing_wanted_and_nothing_found_is_no_division_by_zero() -> None:
    empty = compare([], [], [])
    assert (empty.statements, empty.sectors.macro, empty.sectors.micro, empty.stances.macro) == (0, 0.0, 0.0, 0.0)


def test_an_answer_too_few_is_an_error(gold: list[LabelledStatement]) -> None:
    with pytest.raises(ValueError, match="zip"):
        compare(gold, [frozenset()] * 4, ["balanced"] * 5)


def test_an_evaluation_is_stored_as_json(evaluation: Evaluation) -> None:
    stored = json.loads(json.dumps(evaluation.as_json()))
    assert stored["statements"] == 5
    assert stored["sectors"]["labels"]["water"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    assert set(stored["stances"]) == {"labels", "macro", "micro"}
