"""Hurts a running service in every way of the catalogue and tells if anything was lost, doubled or out of order."""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from tests.faults import report
from tests.faults.catalogue import FAULTS, SHORT
from tests.faults.mutations import MUTATIONS
from tests.faults.scene import Fault, Outcome, play
from tests.kafka import node
from tests.kafka.cluster import Cluster, running_cluster

LIBRARIES = Path.cwd() / ".pytest_cache/d/kafka-4.3.1"
STATEMENTS_WANTED = 500_000
"""By a whole run."""


def main(
    only: Annotated[list[str] | None, typer.Option(help="Play this fault alone; may be given again")] = None,
    short: Annotated[bool, typer.Option("--short", help="Play what `make test` plays")] = False,
    mutations: Annotated[
        bool, typer.Option("--mutations", help="Leave out each safeguard in turn: a fault must notice")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Play faults against a service on Apache Kafka, print what came of each, and exit with 1 if anything failed."""
    if mutations:
        unnoticed = [name for name in MUTATIONS if not noticed(name)]
        raise typer.Exit(bool(unnoticed))
    chosen = [SHORT] if short else [fault for fault in FAULTS if not only or fault.name in only]
    if unknown := set(only or ()) - {fault.name for fault in chosen}:
        raise typer.BadParameter(f"found {', '.join(unknown)}, wanted some of {', '.join(f.name for f in FAULTS)}")
    outcomes = list(played(chosen))
    if as_json:
        print(json.dumps([report.facts(outcome) for outcome in outcomes]))
    else:
        report.show(outcomes)
    few = not (only or short) and sum(outcome.findings["statements"] for outcome in outcomes) < STATEMENTS_WANTED
    raise typer.Exit(few or any(outcome.troubles() for outcome in outcomes))


def noticed(name: str) -> bool:
    """Whether the fault that must notice a safeguard's absence did, by what happened to the statements."""
    mutation = MUTATIONS[name]
    (fault,) = (replace(fault, times=mutation.times) for fault in FAULTS if fault.name == mutation.noticed_by)
    (outcome,) = played([fault], name)
    wrong = outcome.wrong()
    found = ", ".join(f"{count} {kind}" for kind, count in wrong.items()) or "not noticed"
    print(f"without {name}: {fault.name} found {found}")
    return bool(wrong)


def played(faults: Sequence[Fault], mutation: str = "") -> Iterator[Outcome]:
    """What came of each fault, on as few clusters as they need."""
    logs = Path(tempfile.mkdtemp(prefix="communique-faults-"))
    print(f"logs are in {logs}", file=sys.stderr)
    node.fetch(LIBRARIES)
    for size, group in groupby(faults, key=lambda fault: fault.nodes):
        with tempfile.TemporaryDirectory() as folder, running_cluster(LIBRARIES, Path(folder), size) as cluster:
            for fault in group:
                yield _told(fault, cluster, logs / fault.name, mutation)


def _told(fault: Fault, cluster: Cluster, logs: Path, mutation: str) -> Outcome:
    """What came of a fault, told on standard error as soon as it is known."""
    began = time.monotonic()
    print(f"{fault.name} …", file=sys.stderr, flush=True)
    logs.mkdir()
    outcome = play(fault, cluster, logs, mutation)
    print(*report.row(outcome), f"({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
    return outcome


if __name__ == "__main__":
    typer.run(main)
