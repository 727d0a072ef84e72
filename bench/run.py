"""A whole run: the bare classifier before and after each peer, and each peer with one and with two workers."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import mean
from typing import Any

from bench import broker, line, machine, measuring, workers
from bench.line import Line
from bench.measuring import WrongLabelsError
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

    def rate(self, peer: Peer, count: int) -> Result:
        """The rate of so many workers of a peer, with no latencies yet."""
        with self._answering(peer, count) as (opened, running):
            rate = measuring.rate(opened, running, self.lengths.rate)
        self.tell(f"{peer.title}, {count}: {rate.statements_per_second:.0f}/s")
        return {"workers": count, **asdict(rate), "latencies": []}

    def latencies(self, peer: Peer, count: int, rates: Mapping[Of, float]) -> list[Result]:
        """The latencies of so many workers of a peer under shares of these rates, from the lowest load on."""
        self.tell(f"{peer.title}, {count}:")
        loads = sorted((share * whole, share, of) for of, whole in rates.items() for share in LOADS)
        with self._answering(peer, count) as (opened, running):
            return [self._latency(opened, running, rates[Of.OWN], *load) for load in loads]

    def _latency(self, opened: Line, running: Workers, rate: float, load: float, share: float, of: Of) -> Result:
        """The latency under a share of a rate, or why there is none."""
        result: Result = {"share": share, "of": of, "load": load}
        if load > rate:
            return {**result, "not_measured": "the load is above its own rate"}
        measured = measuring.latency(opened, running, load, self.lengths.latency)
        self.tell(f"  under {share:.0%} of {of}: p99 {measured.p99:.0f} ms")
        return {**result, **asdict(measured)}


def everything(peers: Sequence[Peer], lengths: Lengths, tell: Tell) -> Result:
    """All that is measured of these peers, ready for JSON: first every rate, close in time, then every latency."""
    before = machine.facts()
    rows = [_described(peer) for peer in peers]
    with broker.running() as at:
        tell(f"Kafka answers at {at}")
        run = Run(at, lengths, artifact.load(artifact.SHIPPED).classifier, tell)
        _warm_up(run, peers[0])
        bare = [run.bare()]
        for peer, row in zip(peers, rows, strict=True):
            _measure_rates(run, peer, row)
            bare.append(run.bare())
            around = mean(one["statements_per_second"] for one in bare[-2:])
            for result in row["results"]:
                result["share_of_bare"] = result["statements_per_second"] / around
        for peer, row in zip(peers, rows, strict=True):
            _measure_latencies(run, peer, row, rows)
    return {"machine": before, "seconds": asdict(lengths), "bare": bare, "peers": rows}


def _warm_up(run: Run, peer: Peer) -> None:
    """Measure a peer for nothing: while Kafka is new, its compiler takes a core from whoever is measured first."""
    run.tell("warming Kafka up")
    with suppress(WorkerError, WrongLabelsError):
        for count in WORKERS:
            run.rate(peer, count)


def _described(peer: Peer) -> Result:
    """A peer's row before anything is measured."""
    described = {"name": peer.name, "title": peer.title, "delivers": peer.delivers, "packages": peer.packages}
    return {**described, "versions": machine.versions(peer), "results": []}


def _measure_rates(run: Run, peer: Peer, row: Result) -> None:
    """Add a result with a rate for each number of workers."""
    with _excused(run, row):
        for count in WORKERS:
            row["results"].append(run.rate(peer, count))


def _measure_latencies(run: Run, peer: Peer, row: Result, rows: Sequence[Result]) -> None:
    """Add the latencies to a peer's results, where it is a peer under the loads of communique, too."""
    first = next((other["results"][0] for other in rows if other["name"] == OURS and other["results"]), None)
    ours = {Of.OURS: first["statements_per_second"]} if first and peer.name != OURS else {}
    with _excused(run, row):
        for result in row["results"]:
            rates = {Of.OWN: result["statements_per_second"], **ours}
            result["latencies"] = run.latencies(peer, result["workers"], rates)


@contextmanager
def _excused(run: Run, row: Result) -> Iterator[None]:
    """Note in a row why its peer could not be measured further."""
    try:
        yield
    except (WorkerError, WrongLabelsError) as error:
        run.tell("\n".join([f"{row['title']}: {error}", *getattr(error, "__notes__", ())]))
        row["not_measured"] = str(error)
