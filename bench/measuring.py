"""One measurement: a peer's rate with a backlog, or its latency under a load."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from bench import workload
from bench.line import Arrival, Line
from bench.workers import Workers
from models.classifier import Classifier

START_SECONDS = 90
SETTLE_SECONDS = 3.0
"""After the first results: caches and batches reach their size."""
DRAIN_SECONDS = 5.0
READ_SECONDS = 0.002
QUIET_SECONDS = 0.03
"""Between the results of one batch and of the next; longer than between the parts of one."""
ONE_BY_ONE_SECONDS = 0.5
"""Without a pause: the results come one by one, and the window may end anywhere."""
KNOCKS = 20
"""Statements sent to find out whether a peer labels, and as the bare classifier does."""


class WrongLabelsError(Exception):
    """A peer's labels are not those of the bare classifier."""


@dataclass(frozen=True)
class Rate:
    """Statements a second, CPU for 1,000 of them, and memory at the end."""

    statements_per_second: float
    cpu_seconds_per_1000: float
    rss_mib: float


@dataclass(frozen=True)
class Latency:
    """Milliseconds from when a statement was due to when its result was read, under a load of statements a second."""

    load: float
    p50: float
    p95: float
    p99: float
    unanswered: int

    @classmethod
    def of(cls, load: float, seconds: Sequence[float], unanswered: int) -> "Latency":
        """The percentiles of what was answered."""
        p50, p95, p99 = np.percentile(np.asarray(seconds) * 1000, (50, 95, 99))
        return cls(load, float(p50), float(p95), float(p99), unanswered)


def knock(line: Line, workers: Workers, classifier: Classifier) -> None:
    """Send statements until the workers answer, and see that they label as they should."""
    deadline = time.monotonic() + START_SECONDS
    arrivals: list[Arrival] = []
    while not arrivals:
        workers.check()
        if time.monotonic() > deadline:
            raise workers.silent()
        line.send(KNOCKS)
        arrivals += line.read(0.5)
    _compare(line, arrivals, classifier)
    while line.read(1.0):
        pass


def _compare(line: Line, arrivals: Sequence[Arrival], classifier: Classifier) -> None:
    """Raise WrongLabelsError unless the results are the bare classifier's."""
    texts = list(islice(workload.texts(), line.sent))
    for arrival, labels in zip(arrivals, classifier.label([texts[one.number] for one in arrivals]), strict=True):
        result = line.peer.decode(arrival.value)
        found = [each["sector"] for each in result["sectors"]], result["stance"]["stance"]
        wanted = [each.sector for each in labels.sectors], labels.stance.stance
        if found != wanted:
            raise WrongLabelsError(f"{line.peer.name} gave {found}, the bare classifier {wanted}")


def rate(line: Line, workers: Workers, seconds: float) -> Rate:
    """How fast statements are labelled while there are always more of them, from one batch's end to another's."""
    line.send(line.peer.backlog)
    _until_a_batch_ends(line, workers, SETTLE_SECONDS)
    before, start, first = workers.usage(), line.read_at, line.answered
    _until_a_batch_ends(line, workers, seconds)
    after, spent, count = workers.usage(), line.read_at - start, line.answered - first
    return Rate(count / spent, (after.cpu_seconds - before.cpu_seconds) / count * 1000, after.rss_mib)


def _until_a_batch_ends(line: Line, workers: Workers, seconds: float) -> None:
    """Read for so long and then until nothing comes for a moment, sending more before the workers run dry."""
    start, first, quiet = time.monotonic(), line.answered, False
    while not (quiet and line.answered > first and time.monotonic() > start + seconds):
        workers.check()
        quiet = not line.read(QUIET_SECONDS) or time.monotonic() > start + seconds + ONE_BY_ONE_SECONDS
        if line.sent - line.answered < line.peer.backlog // 2:
            line.send(line.peer.backlog // 2)
        if time.monotonic() > start + START_SECONDS:
            raise workers.silent()


def latency(line: Line, workers: Workers, load: float, seconds: float) -> Latency:
    """How long results take while this many statements a second fall due."""
    first, start = line.sent, time.time()
    last = first + int(load * (SETTLE_SECONDS + seconds))
    counted_from = first + int(load * SETTLE_SECONDS)
    waits: dict[int, float] = {}
    deadline = start + SETTLE_SECONDS + seconds + DRAIN_SECONDS
    while len(waits) < last - counted_from and time.time() < deadline:
        workers.check()
        line.send(min(first + int((time.time() - start) * load), last) - line.sent)
        for arrival in line.read(READ_SECONDS):
            if arrival.number >= counted_from:
                waits.setdefault(arrival.number, arrival.at - start - (arrival.number + 1 - first) / load)
    if not waits:
        raise workers.silent()
    return Latency.of(load, list(waits.values()), last - counted_from - len(waits))
