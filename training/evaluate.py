"""`communique-evaluate`: scores of an artefact on a labelled file."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from models import artifact
from training import corpus, report
from training.evaluation import evaluate

BATCH = 256
"""Statements labelled at once."""


def score(
    file: Annotated[Path, typer.Argument(help='JSON Lines: {"id", "text", "sectors": [...], "stance": "..."}.')],
    folder: Annotated[Path, typer.Option("--artifact", help="Folder of the artefact.")] = artifact.SHIPPED,
    output: Annotated[Path | None, typer.Option(help="Where to store the scores, else FILE.scores.json.")] = None,
) -> None:
    """Print and store precision, recall and F1 of each label, macro and micro."""
    errors = Console(stderr=True)
    try:
        gold = corpus.read(file)
        if not gold:
            raise corpus.CorpusError(f"{file}: found no statements, wanted labelled JSON Lines")
        classifier = artifact.load(folder).classifier
    except (corpus.CorpusError, OSError, artifact.ArtifactError) as fault:
        errors.print(f"communique-evaluate: {fault}", style="red", markup=False)
        raise typer.Exit(78 if isinstance(fault, artifact.ArtifactError) else 1) from fault
    batches = [gold[start : start + BATCH] for start in range(0, len(gold), BATCH)]
    labels = [
        found
        for batch in track(batches, "labelling", console=errors, transient=True)
        for found in classifier.label([statement.text for statement in batch])
    ]
    evaluation = evaluate(gold, labels)
    report.show(evaluation, Console())
    target = output or file.with_suffix(".scores.json")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(evaluation.as_json(), indent=2) + "\n", encoding="utf-8")
    except OSError as fault:
        errors.print(
            f"communique-evaluate: found {target} not writable ({fault}); name another with --output", markup=False
        )
        raise typer.Exit(1) from fault
    errors.print(f"stored in {target}", markup=False)


def main() -> None:
    """Run `communique-evaluate`."""
    typer.run(score)


if __name__ == "__main__":
    main()
