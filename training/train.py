"""`communique-train`: from the corpus to an artefact."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from models import artifact
from models.features import SECTORS
from models.pipeline import Parts
from training import corpus, report
from training.corpus import LabelledStatement
from training.evaluation import Evaluation, compare
from training.fitting import STAGES, fit

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
        statements = corpus.load(data)
        corpus.check_enough(statements)
    except (corpus.CorpusError, OSError) as fault:
        _console.print(f"communique-train: {fault}", style="red", markup=False)
        raise typer.Exit(1) from fault
    with Progress(SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn(), console=_console) as progress:
        task = progress.add_task("reading", total=len(STAGES))
        parts, held_out = fit(
            statements, seed, lambda stage: progress.update(task, completed=STAGES.index(stage), description=stage)
        )
        progress.update(task, completed=len(STAGES))
    evaluation = on_held_out(statements, parts, held_out)
    report.show(evaluation, Console())
    _gate(evaluation, output, force)
    manifest = {"version": output.name, "seed": seed, "statements": len(statements), "held_out": evaluation.as_json()}
    digest = artifact.save(output, parts, manifest, report.card(output.name, statements, evaluation))
    _console.print(f"wrote {output} (sha256 {digest[:12]}…)", markup=False)


def on_held_out(statements: Sequence[LabelledStatement], parts: Parts, held_out: Parts) -> Evaluation:
    """The scores of what was said of each one-passage statement while its batch was held out."""
    limits = np.array([parts["thresholds"][sector.value] for sector in SECTORS])
    classes = parts["stance_classifier"].classes_
    sectors = [
        frozenset(sector.value for sector, asserted in zip(SECTORS, row, strict=True) if asserted)
        for row in held_out["chances"] >= limits
    ]
    stances = [str(classes[row.argmax()]) for row in held_out["stances"][held_out["statements"]]]
    return compare([statements[n] for n in held_out["statements"]], sectors, stances)


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
