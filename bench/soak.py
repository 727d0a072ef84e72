"""`python -m bench.soak`: whether communique's memory stays flat over a million statements, each labelled once."""

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from bench import broker, line, machine, measuring, targets, workers
from bench.line import Line
from bench.roster import FOLDER, PEERS
from bench.workers import Workers
from models import artifact
from tests.kafka import node

BACKLOG = 10_000
LAST_SECONDS = 2.0
"""For results that come a second time after all have come."""
PER = 100_000
WARM_UP = 0.1
"""Of the statements: the allocator and the caches reach their size."""


@dataclass(frozen=True)
class Sample:
    """The MiB that the worker held when so many statements were answered."""

    answered: int
    rss_mib: float


def soak(
    statements: Annotated[int, typer.Option(min=1000, help="How many to label; 1,000 a second or so.")] = 1_000_000,
    results: Annotated[Path, typer.Option(help="Folder of soak.json.")] = FOLDER / "results",
) -> None:
    """Label very many statements with one worker, exactly once, and see that its memory does not grow.

    Takes 20 minutes and 3 GB of disk. Ends with 1 if memory grows by more than 1 MiB per 100,000 statements, or if a
    result is missing or came twice.
    """
    facts = {"machine": machine.facts(), "versions": machine.versions(PEERS[0]), "statements": statements}
    with _answering() as (opened, running):
        start = time.monotonic()
        samples, counts = _label(opened, running, statements)
        seconds = time.monotonic() - start
    slope = mib_per_100_000(samples)
    verdicts = [
        targets.at_most("MiB more per 100,000 statements", slope, targets.RSS_MAX_MIB_PER_100_000),
        targets.at_most("statements without a result", float((counts == 0).sum()), 0),
        targets.at_most("statements with more than one result", float((counts > 1).sum()), 0),
    ]
    whole = {**facts, "seconds": seconds, "samples": [asdict(one) for one in samples]}
    whole["verdicts"] = [asdict(verdict) for verdict in verdicts]
    results.mkdir(parents=True, exist_ok=True)
    (results / "soak.json").write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    typer.echo("\n".join(map(str, verdicts)))
    raise typer.Exit(not all(verdict.holds for verdict in verdicts))


@contextmanager
def _answering() -> Iterator[tuple[Line, Workers]]:
    """One worker of communique that labels, on a Kafka of its own."""
    with (
        broker.running() as servers,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        line.opened(servers, PEERS[0], 1, tuple(node.free_ports(1)), folder) as opened,
        workers.running(PEERS[0], opened.place) as running,
    ):
        measuring.knock(opened, running, artifact.load(artifact.SHIPPED).classifier)
        yield opened, running


def _label(opened: Line, running: Workers, statements: int) -> tuple[list[Sample], Any]:
    """Memory at every hundredth of the way, and how often each statement has been answered."""
    first, done = opened.sent, 0
    counts = np.zeros(statements, dtype=np.int32)
    samples: list[Sample] = []
    deadline = time.monotonic() + measuring.START_SECONDS
    while done < statements and time.monotonic() < deadline:
        running.check()
        opened.send(min(done + BACKLOG, statements) - (opened.sent - first))
        for arrival in opened.read(0.2):
            counts[arrival.number - first] += 1
            done += int(counts[arrival.number - first] == 1)
            deadline = time.monotonic() + measuring.START_SECONDS
        if done * 100 // statements > len(samples):
            samples.append(Sample(done, running.usage().rss_mib))
            typer.echo(f"{done:,} statements, {samples[-1].rss_mib:.1f} MiB", err=True)
    for arrival in opened.read(LAST_SECONDS):
        counts[arrival.number - first] += 1
    return samples, counts


def mib_per_100_000(samples: Sequence[Sample]) -> float:
    """How many MiB the worker gained with each 100,000 statements after it had warmed up."""
    warm = samples[int(len(samples) * WARM_UP) :]
    slope, _ = np.polyfit([one.answered for one in warm], [one.rss_mib for one in warm], 1)
    return float(slope * PER)


if __name__ == "__main__":
    typer.run(soak)
