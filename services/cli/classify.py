"""`communique classify`: label files or standard input, with no broker."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from services.classifier.events import ClassifiedStatement, Fault, Model, Statement
from services.classifier.poison import label_each
from services.cli.exits import ExitCode, read_settings, readable
from services.cli.inputs import open_inputs
from services.cli.loading import load_artifact
from services.cli.reading import FILES_HELP, STANDARD_INPUT
from services.cli.rendering import render
from services.cli.screen import is_terminal, stderr, stdout, write_lines

if TYPE_CHECKING:
    from models.artifact import Artifact

BATCH_SIZE = 256
"""Statements labelled at once; the classifier gains nothing from more."""
Item = TypeVar("Item")


class Format(StrEnum):
    """How labelled statements are written."""

    TABLE = "table"
    JSONL = "jsonl"


def classify(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help=FILES_HELP, show_default=False),
    ] = None,
    output: Annotated[
        Format | None,
        typer.Option("--format", help="Default: table in a terminal, jsonl in a pipe or a file.", show_default=False),
    ] = None,
) -> None:
    """Label the statements in files or on standard input, with no broker.

    A .txt file is one statement, named after the file. A .jsonl file has one statement a line: statement_id (or id),
    text and, if known, title, issued_by, issued_on, source_url. A .csv file has these as columns; several issuers stand
    in one cell, separated by semicolons. Standard input is JSON Lines if any line starts with a brace, else one
    statement of plain text.

    What holds no statement, or one on which the classifier fails, is named on standard error and the others are
    labelled; the exit code is then 1.
    """
    paths = readable(files or [STANDARD_INPUT])
    chosen = output or (Format.TABLE if is_terminal() else Format.JSONL)
    write = {Format.TABLE: _write_table, Format.JSONL: _write_jsonl}[chosen]
    artifact = load_artifact(read_settings())
    if STANDARD_INPUT in paths and sys.stdin.isatty():
        stderr().print("Type or paste a statement, then press Ctrl-D at the start of a line.")
    with open_inputs(paths, "Labelling") as inputs:
        for batch in batches(inputs, BATCH_SIZE):
            labelled = []
            for found, event in zip(batch, label(artifact, [each.statement for each in batch]), strict=True):
                if isinstance(event, Fault):
                    inputs.refuse(found.place, f"{event.reason}: {event.error}")
                else:
                    labelled.append((found.statement.text, event))
            write(labelled)
    if inputs.refused:
        raise typer.Exit(ExitCode.NOT_LABELLED)


def label(artifact: "Artifact", statements: list[Statement]) -> list[ClassifiedStatement | Fault]:
    """The event of each statement, less its origin, or its fault where the classifier fails on it."""
    given = label_each(artifact.classifier, [statement.text for statement in statements])
    model = Model(version=artifact.version, sha256=artifact.sha256)
    now = datetime.now(UTC)
    return [
        labels if isinstance(labels, Fault) else ClassifiedStatement.of(statement, labels, model=model, at=now)
        for statement, labels in zip(statements, given, strict=True)
    ]


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of a size, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _write_table(labelled: list[tuple[str, ClassifiedStatement]]) -> None:
    """Show texts and their labels to a person."""
    console = stdout()
    for text, event in labelled:
        console.print(render(event, text))


def _write_jsonl(labelled: list[tuple[str, ClassifiedStatement]]) -> None:
    """Write events for a program."""
    write_lines([event.to_json().decode() for _, event in labelled])
