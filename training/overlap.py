"""`python -m training.overlap FILE…`: statements of the corpus that share twelve consecutive words with real ones."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training import corpus
from training.corpus import LabelledStatement

LENGTH = 12
"""Consecutive words that no statement may share; shorter runs are names of bodies and stock phrases."""


def sequences(text: str) -> set[tuple[str, ...]]:
    """Every run of `LENGTH` words of a text, in lower case and without punctuation."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + LENGTH]) for start in range(len(words) - LENGTH + 1)}


def shared(statements: Iterable[LabelledStatement], texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each offending statement's id with one run of words that stands in the texts too."""
    real = set[tuple[str, ...]]().union(*map(sequences, texts))
    for statement in statements:
        common = sequences(statement.text) & real
        if common:
            yield statement.id, " ".join(min(common))


def check(
    files: Annotated[list[Path], typer.Argument(help='JSON Lines with a "text" each, none of it for training.')],
    data: Annotated[Path, typer.Option(help="Folder of the corpus.")] = corpus.FOLDER,
) -> None:
    """Print the statements that share twelve consecutive words with the files; exit 1 if there are any."""
    console = Console(stderr=True)
    try:
        texts = [json.loads(line)["text"] for file in files for line in file.read_text(encoding="utf-8").splitlines()]
        statements = corpus.load(data)
    except (OSError, ValueError, KeyError, TypeError, corpus.CorpusError) as fault:
        console.print(f'overlap: {fault!r}, wanted JSON Lines with a "text" each', style="red", markup=False)
        raise typer.Exit(2) from fault
    found = list(shared(statements, texts))
    for name, run in found:
        typer.echo(f"{name}\t{run}")
    console.print(f"{len(found)} of {len(statements):,} statements share {LENGTH} words with {len(texts):,} texts")
    raise typer.Exit(1 if found else 0)


if __name__ == "__main__":
    typer.run(check)
