"""Hurts a running service in every way of the catalogue and tells if anything was lost, doubled or out of order."""

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from tests.faults import report
from tests.faults.catalogue import FAULTS, SHORT
from tests.faults.mutations import MUTATIONS
from tests.faults.scene import Fault, Outcome, play
from tests.kafka import node
from tests.kafka.cluster import running_cluster

LIBRARIES = Path.cwd() / ".pytest_cache/d/kafka-4.3.1"
STATEMENTS_WANTED = 500_000
"""By a whole run."""


def main(
    only: Annotated[list[str] | None, typer.Option(help="Play this fault alone; may be given again")] = None,
    short: Annotated[bool, typer.Option("--short", help="Play what `make test` plays")] = False,
    mutation: Annotated[str, typer.Option(help=f"Leave out a safeguard: {', '.join(MUTATIONS)}")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Play faults against a service on Apache Kafka, print what came of each, and exit with 1 if anything failed."""
    chosen = [SHORT] if short else [fault for fault in FAULTS if not only or fault.name in only]
    if unknown := set(only or ()) - {fault.name for fault in chosen}:
        raise typer.BadParameter(f"found {', '.join(unknown)}, wanted some of {', '.join(f.name for f in FAULTS)}")
    outcomes = list(played(chosen, mutation))
    if as_json:
        print(json.dumps([report.facts(outcome) for outcome in outcomes]))
    else:
        report.show(outcomes)
    few = not (only or short) and sum(outcome.findings["statements"] for outcome in outcomes) < STATEMENTS_WANTED
    raise typer.Exit(few or any(outcome.troubles() for outcome in outcomes))


def played(faults: Sequence[Fault], mutation: str = "") -> Iterator[Outcome]:
    """What came of each fault, on as few clusters as they need."""
    with work_folder() as folder:
        for size, group in groupby(faults, key=lambda fault: fault.nodes):
            yield from _played_on(size, group, folder, mutation)


def _played_on(size: int, faults: Iterable[Fault], folder: Path, mutation: str) -> Iterator[Outcome]:
    """What came of faults on one cluster."""
    node.fetch(LIBRARIES)
    with running_cluster(LIBRARIES, folder, size) as cluster:
        for fault in faults:
            began = time.monotonic()
            print(f"{fault.name} …", file=sys.stderr, flush=True)
            (folder / fault.name).mkdir()
            outcome = play(fault, cluster, folder / fault.name, mutation)
            told = " ".join(report.row(outcome))
            print(f"{told} ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
            yield outcome


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for logs, kept for who wants to read them if something failed."""
    folder = Path(tempfile.mkdtemp(prefix="communique-faults-"))
    print(f"logs are in {folder}", file=sys.stderr)
    yield folder


if __name__ == "__main__":
    typer.run(main)
