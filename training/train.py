"""`communique-train`: from the corpus to an artefact."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from models import artifact
from models.pipeline import StatementClassifier
from training import card, corpus, failures, plots, report
from training.evaluation import Evaluation
from training.fitting import STAGES, fit
from training.held_out import HeldOut

TOLERANCE = 0.01
"""Macro-F1 that a new artefact may lose against the one it replaces; smaller differences are noise."""

_console = Console(stderr=True)


def train(
    data: Annotated[Path, typer.Option(help="Folder of labelled .jsonl files.")] = corpus.FOLDER,
    output: Annotated[Path, typer.Option(help="Folder to write; its name is the version.")] = artifact.SHIPPED,
    seed: Annotated[int, typer.Option(help="The same corpus and seed give the same predictions.")] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Write the artefact even if worse than the one there.")
    ] = False,
) -> None:
    """Train a classifier on a labelled corpus, score it on held-out batches and write its artefact.

    A labelled file is JSON Lines: {"id", "text", "sectors": [...], "stance": "...", "batch": "..."}.
    """
    try:
        plots.check()
        statements = corpus.load(data)
        corpus.check_enough(statements)
    except (plots.PlotsError, corpus.CorpusError, OSError) as fault:
        _console.print(f"communique-train: {fault}", style="red", markup=False)
        raise typer.Exit(1) from fault
    with Progress(SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn(), console=_console) as progress:
        task = progress.add_task("reading", total=len(STAGES))
        parts, answers = fit(
            statements, seed, lambda stage: progress.update(task, completed=STAGES.index(stage), description=stage)
        )
        progress.update(task, completed=len(STAGES))
    held_out = HeldOut.of(statements, parts, answers)
    evaluation = held_out.evaluation
    report.show(evaluation, Console())
    _gate(evaluation, output, force)
    outcomes = failures.attempt(StatementClassifier(parts))
    report.mended(outcomes, _console)
    manifest = {"version": output.name, "seed": seed, "statements": len(statements), "held_out": evaluation.as_json()}
    pages = card.pages(output.name, corpus.about(data), statements, held_out, outcomes)
    digest = artifact.save(output, parts, manifest, pages)
    _console.print(f"wrote {output} (sha256 {digest[:12]}…)", markup=False)


def _gate(evaluation: Evaluation, output: Path, force: bool) -> None:
    """Stop before a better artefact is overwritten by a worse one."""
    path = output / "manifest.json"
    if force or not path.exists():
        return
    before = json.loads(path.read_text(encoding="utf-8"))["held_out"]
    for name, scores in (("sectors", evaluation.sectors), ("stances", evaluation.stances)):
        floor = before[name]["macro"] - TOLERANCE
        if scores.macro < floor:
            _console.print(
                f"communique-train: found {name} macro-F1 {scores.macro:.3f}, wanted {floor:.3f} at least; "
                f"{output} stays as it is. --force writes it all the same, --output writes elsewhere.",
                style="red",
                markup=False,
            )
            raise typer.Exit(1)


def main() -> None:
    """Run `communique-train`."""
    typer.run(train)


if __name__ == "__main__":
    main()
