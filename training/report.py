"""How scores are shown: a table in the terminal, a card in Markdown."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from training.corpus import LabelledStatement
from training.evaluation import Evaluation, Score, Scores


def show(evaluation: Evaluation, console: Console) -> None:
    """Print precision, recall and F1 of each label."""
    for title, scores in (("sectors", evaluation.sectors), ("stance", evaluation.stances)):
        caption = f"macro-F1 {scores.macro:.3f}, micro-F1 {scores.micro:.3f}"
        table = Table(title=f"{title}, {evaluation.statements:,} statements", caption=caption)
        table.add_column("label")
        for column in ("precision", "recall", "F1", "statements"):
            table.add_column(column, justify="right")
        for label, score in _rows(scores):
            table.add_row(label, f"{score.precision:.2f}", f"{score.recall:.2f}", f"{score.f1:.2f}", str(score.support))
        console.print(table)


def _rows(scores: Scores) -> list[tuple[str, Score]]:
    return sorted(scores.labels.items(), key=lambda row: row[1].f1)


def card(version: str, corpus: Sequence[LabelledStatement], held_out: Evaluation) -> str:
    """The model card: what the classifier is for, what it was made from, and its scores on held-out batches."""
    batches = len({statement.batch for statement in corpus})
    return "\n".join(
        [
            f"# Classifier {version}",
            "",
            "Labels English diplomatic statements with 25 sectors of cooperation and a stance on the war in Ukraine.",
            "",
            "**Use**: sorting and searching many statements, with a person for those marked `needs_review`.",
            "**Not for**: judging persons, languages other than English, or as the only ground of a decision.",
            "",
            f"**Data**: {len(corpus):,} statements in {batches} batches, all of it invented for this project:",
            "persons, bodies and states named there did not say or do what stands there. No real statement trained it.",
            "",
            f"**Scores** on batches held out in turn ({held_out.statements:,} statements), by `communique-train`:",
            "",
            *_markdown("sector", held_out.sectors),
            "",
            *_markdown("stance", held_out.stances),
            "",
        ]
    )


def _markdown(title: str, scores: Scores) -> list[str]:
    rows = [
        f"| {label} | {score.precision:.2f} | {score.recall:.2f} | {score.f1:.2f} | {score.support} |"
        for label, score in _rows(scores)
    ]
    return [
        f"| {title} | precision | recall | F1 | statements |",
        "|---|---|---|---|---|",
        *rows,
        f"| **macro / micro F1** | | | **{scores.macro:.3f} / {scores.micro:.3f}** | |",
    ]
