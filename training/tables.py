"""The tables of the model card, in Markdown."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from training import resampling, strata
from training.evaluation import Scores
from training.failures import Outcome
from training.held_out import HeldOut
from training.resampling import Interval, Intervals

FEW = 5
"""Batches below which samples of batches say nothing of how far a score may be off."""


def labels(title: str, scores: Scores, intervals: Intervals) -> str:
    """Precision, recall and F1 of each label, the worst first."""
    rows = [
        [
            label,
            *(f"{figure:.2f}" for figure in (score.precision, score.recall, score.f1)),
            str(intervals.labels.get(label, "–")),
            f"{score.support:,}",
        ]
        for label, score in scores.worst_first()
    ]
    return _table([title, "precision", "recall", "F1", "95 % interval", "statements"], rows)


def by_stratum(title: str, held_out: HeldOut, of: strata.Stratum, names: Iterable[StrEnum]) -> str:
    """Both main scores of each kind of statement that occurs."""
    found = [of(statement) for statement in held_out.statements]
    rows = [_stratum(name, held_out.where([one is name for one in found])) for name in names if name in found]
    return _table([title, "statements", "batches", "sectors, micro-F1", "stance, macro-F1"], rows)


def _stratum(name: str, part: HeldOut) -> list[str]:
    evaluation, batches = part.evaluation, len(set(part.batches))
    sectors, stance = f"{evaluation.sectors.micro:.3f}", f"{evaluation.stances.macro:.3f}"
    if batches >= FEW:
        sectors = figure(evaluation.sectors.micro, resampling.of_sectors(part).micro)
        stance = figure(evaluation.stances.macro, resampling.of_stances(part).macro)
    return [name, f"{evaluation.statements:,}", str(batches), sectors, stance]


def figure(value: float, interval: Interval) -> str:
    """A score with its interval."""
    return f"{value:.3f} [{interval}]"


def failures(outcomes: Iterable[Outcome]) -> str:
    """Each sentence with what goes wrong, the right labels and those given."""
    rows = [
        [
            outcome.wanted.kind,
            outcome.wanted.text.replace("|", r"\|").replace("\n", "<br>"),
            _answer(outcome.wanted.sectors or (), outcome.wanted.stance),
            _answer(outcome.sectors, outcome.stance),
            "yes" if outcome.needs_review else "no",
        ]
        for outcome in outcomes
    ]
    return _table(["what goes wrong", "sentence", "right", "given", "marked"], rows)


def _answer(sectors: Iterable[str], stance: str) -> str:
    return f"{', '.join(sorted(sectors)) or 'no sector'}; {stance}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))
