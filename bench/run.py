"""A whole run: the bare classifier before and after each peer, and each peer with one and with two workers."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import mean
from typing import Any

from bench import broker, line, machine, measuring, workers
from bench.line import Line
from bench.measuring import Rate, WrongLabelsError
from bench.peers.place import ONE_THREAD
from bench.roster import FOLDER, Peer
from bench.workers import WorkerError, Workers
from models import artifact
from models.classifier import Classifier
from tests.kafka import node

WORKERS = (1, 2)
LOADS = (0.5, 0.9)
OURS = "communique"
Tell = Callable[[str], None]
Result = dict[str, Any]


class Of(StrEnum):
    """Whose rate a load is a share of."""

    OWN = "its own rate"
    OURS = "communique's rate"


@dataclass(frozen=True)
class Lengths:
    """Seconds of each measurement."""

    bare: float
    rate: float
    latency: float


FULL = Lengths(bare=8, rate=12, latency=12)
QUICK = Lengths(bare=2, rate=4, latency=3)


@dataclass
class Run:
    """What the measurements of a run share."""

    servers: str
    lengths: Lengths
    classifier: Classifier
    tell: Tell

    def bare(self) -> dict[str, float]:
        """The rate and CPU of the bare classifier."""
        command = [sys.executable, "-m", "bench.peers.bare", str(self.lengths.bare)]
        environment = {**os.environ, **ONE_THREAD}
        out = subprocess.check_output(command, cwd=FOLDER.parent, env=environment, timeout=300)  # noqa: S603
        measured: dict[str, float] = json.loads(out)
        self.tell(f"bare classifier: {measured['statements_per_second']:.0f}/s")
        return measured

    @contextmanager
    def _answering(self, peer: Peer, count: int) -> Iterator[tuple[Line, Workers]]:
        """Workers that label, and the line to them."""
        ports = tuple(node.free_ports(count + 2))
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
            line.opened(self.servers, peer, count, ports, folder) as opened,
            workers.running(peer, opened.place) as running,
        ):
            measuring.knock(opened, running, self.classifier)
            yield opened, running

    def measure(self, peer: Peer, count: int, ours: float | None) -> Result:
        """The rate of so many workers of a peer, then latencies under shares of it and of communique's rate."""
        with self._answering(peer, count) as (opened, running):
            rate = measuring.rate(opened, running, self.lengths.rate)
        self.tell(f"{peer.title}, {count}: {rate.statements_per_second:.0f}/s")
        rates = {Of.OWN: rate.statements_per_second, **({Of.OURS: ours} if ours is not None else {})}
        loads = [(share * whole, share, of) for of, whole in rates.items() for share in LOADS]
        with self._answering(peer, count) as (opened, running):
            latencies = [self._latency(opened, running, rate, *load) for load in sorted(loads)]
        return {"workers": count, **asdict(rate), "latencies": latencies}

    def _latency(self, opened: Line, running: Workers, rate: Rate, load: float, share: float, of: Of) -> Result:
        """The latency under a share of a rate, or why there is none."""
        result: Result = {"share": share, "of": of, "load": load}
        if load > rate.statements_per_second:
            return {**result, "not_measured": "the load is above its own rate"}
        measured = measuring.latency(opened, running, load, self.lengths.latency)
        self.tell(f"  under {share:.0%} of {of}: p99 {measured.p99:.0f} ms")
        return {**result, **asdict(measured)}


def everything(peers: Sequence[Peer], lengths: Lengths, tell: Tell) -> Result:
    """All that is measured of these peers, ready for JSON."""
    before = machine.facts()
    with broker.running() as at:
        tell(f"Kafka answers at {at}")
        run = Run(at, lengths, artifact.load(artifact.SHIPPED).classifier, tell)
        rows: list[Result] = []
        bare = [run.bare()]
        for peer in peers:
            rows.append(_row(run, peer, rows))
            bare.append(run.bare())
            around = mean(one["statements_per_second"] for one in bare[-2:])
            for result in rows[-1].get("results", []):
                result["share_of_bare"] = result["statements_per_second"] / around
    return {"machine": before, "seconds": asdict(lengths), "bare": bare, "peers": rows}


def _row(run: Run, peer: Peer, before: Sequence[Result]) -> Result:
    """One peer's results, or why it has none."""
    row: Result = {"name": peer.name, "title": peer.title, "delivers": peer.delivers, "packages": peer.packages}
    results = [one["results"] for one in before if one["name"] == OURS and "results" in one]
    ours = results[0][0]["statements_per_second"] if results else None
    row["versions"] = machine.versions(peer)
    try:
        return {**row, "results": [run.measure(peer, count, ours) for count in WORKERS]}
    except (WorkerError, WrongLabelsError) as error:
        run.tell("\n".join([f"{peer.title}: {error}", *getattr(error, "__notes__", ())]))
        return {**row, "not_measured": str(error)}
