"""`python -m bench`: measure communique and its peers, and write the results and the README's table."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bench import run, table, targets
from bench.roster import FOLDER, PEERS

README = FOLDER.parent / "README.md"
MARKER = "bench"
Name = StrEnum("Name", [peer.name for peer in PEERS])  # type: ignore[misc] # the choices are the roster's


def bench(
    only: Annotated[
        list[Name] | None, typer.Option(help="Measure this peer alone; may be given again for one more.")
    ] = None,
    quick: Annotated[bool, typer.Option(help="Short measurements, to see that everything runs.")] = False,
    results: Annotated[Path, typer.Option(help="Folder of the results.")] = FOLDER / "results",
) -> None:
    """Measure communique and its peers against the bare classifier, all in one run.

    Progress goes to standard error, the table to standard output; a whole run also writes bench.json and the table in
    the README. Ends with 1 if a target is missed.
    """
    peers = [peer for peer in PEERS if not only or peer.name in only]
    measured = run.everything(peers, run.QUICK if quick else run.FULL, lambda words: typer.echo(words, err=True))
    verdicts = targets.verdicts(measured)
    shown = table.table(measured)
    typer.echo(shown)
    if not only and not quick:
        README.write_text(table.placed(README.read_text(encoding="utf-8"), MARKER, shown), encoding="utf-8")
    if warning := targets.unquiet(measured):
        typer.echo(warning, err=True)
    for verdict in verdicts:
        typer.echo(verdict, err=True)
    whole = {**measured, "verdicts": [asdict(verdict) for verdict in verdicts]}
    results.mkdir(parents=True, exist_ok=True)
    name = "bench.json" if not only and not quick else "partial.json"
    (results / name).write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    raise typer.Exit(not all(verdict.holds for verdict in verdicts))


if __name__ == "__main__":
    typer.run(bench)
