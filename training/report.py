"""How scores are shown in the terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from training import failures
from training.evaluation import Evaluation
from training.failures import Outcome


def show(evaluation: Evaluation, console: Console) -> None:
    """Print precision, recall and F1 of each label."""
    for title, scores in (("sectors", evaluation.sectors), ("stance", evaluation.stances)):
        caption = f"macro-F1 {scores.macro:.3f}, micro-F1 {scores.micro:.3f}"
        table = Table(title=f"{title}, {evaluation.statements:,} statements", caption=caption)
        table.add_column("label")
        for column in ("precision", "recall", "F1", "statements"):
            table.add_column(column, justify="right")
        for label, score in scores.worst_first():
            table.add_row(label, f"{score.precision:.2f}", f"{score.recall:.2f}", f"{score.f1:.2f}", str(score.support))
        console.print(table)


def mended(outcomes: Iterable[Outcome], console: Console) -> None:
    """Say which known failures are none any more, so that they leave the file and its sentences become tests."""
    names = failures.mended(outcomes)
    if names:
        console.print(f"mended, and left out of the card: {', '.join(names)}; take them out of {failures.FILE.name}")
