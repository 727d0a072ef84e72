"""What operators see: counts, times, lag. Every label comes from a closed set, but for topics' partitions."""

import time
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from models.taxonomy import Sector, Stance
from services.classifier import records
from services.classifier.events import Model, RejectReason
from services.classifier.records import Outcome

BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
STAGE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
END_TO_END_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600)


class Stage(StrEnum):
    """A part of the work on a batch."""

    DECODE = "decode"
    CLASSIFY = "classify"
    PUBLISH = "publish"


class Transaction(StrEnum):
    """How a try to deliver ended."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    FATAL = "fatal"


class Ending(StrEnum):
    """Which topic a statement ended in."""

    CLASSIFIED = "classified"
    REJECTED = "rejected"


class Metrics:
    """The service's own metrics, in a registry of their own."""

    def __init__(self, registry: CollectorRegistry, model: Model) -> None:
        """Register every metric, each of its series at zero from the start."""
        self.statements = Counter(
            "communique_statements", "Statements delivered, by where they ended", ["outcome"], registry=registry
        )
        self.rejections = Counter(
            "communique_rejections", "Statements rejected, by reason", ["reason"], registry=registry
        )
        self.sectors = Counter("communique_sector_labels", "Sectors given", ["sector"], registry=registry)
        self.stances = Counter("communique_stance_labels", "Stances given", ["stance"], registry=registry)
        self.reviews = Counter("communique_reviews", "Results that a person should look at", registry=registry)
        self.batches = Histogram(
            "communique_batch_statements", "Messages labelled at once", buckets=BATCH_BUCKETS, registry=registry
        )
        self.stages = Histogram(
            "communique_stage_seconds", "Time for a batch", ["stage"], buckets=STAGE_BUCKETS, registry=registry
        )
        self.end_to_end = Histogram(
            "communique_end_to_end_seconds",
            "From a message's timestamp to the commit of its outcome",
            buckets=END_TO_END_BUCKETS,
            registry=registry,
        )
        self.transactions = Counter(
            "communique_transactions", "Tries to deliver a batch, by how they ended", ["outcome"], registry=registry
        )
        self.last_commit = Gauge(
            "communique_last_commit_timestamp_seconds", "When a batch was last delivered", registry=registry
        )
        info = Gauge("communique_model_info", "The artefact in use", ["version", "sha256"], registry=registry)
        info.labels(model.version, model.sha256).set(1)
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """Make every series, so that a first event is seen as an increase."""
        series: dict[Counter | Histogram, type[StrEnum]] = {
            self.statements: Ending,
            self.rejections: RejectReason,
            self.sectors: Sector,
            self.stances: Stance,
            self.transactions: Transaction,
            self.stages: Stage,
        }
        for metric, labels in series.items():
            for label in labels:
                metric.labels(label.value)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Time a part of the work on a batch."""
        start = time.perf_counter()
        yield
        self.stages.labels(stage.value).observe(time.perf_counter() - start)

    def delivered(self, outcomes: Sequence[Outcome]) -> None:
        """Count outcomes that are committed; each series once, since to look one up takes longer than to count."""
        now = datetime.now(UTC)
        self.transactions.labels(Transaction.COMMITTED.value).inc()
        self.last_commit.set(now.timestamp())
        for outcome in outcomes:
            self.end_to_end.observe(records.age_seconds(outcome.record, now))
        faults = [outcome.fault.reason for outcome in outcomes if outcome.fault is not None]
        given = [outcome.labels for outcome in outcomes if outcome.fault is None and outcome.labels is not None]
        _count(self.statements, [Ending.REJECTED] * len(faults) + [Ending.CLASSIFIED] * len(given))
        _count(self.rejections, faults)
        _count(self.stances, (labels.stance.stance for labels in given))
        _count(self.sectors, (label.sector for labels in given for label in labels.sectors))
        self.reviews.inc(sum(labels.needs_review for labels in given))


def _count(series: Counter, labels: Iterable[StrEnum]) -> None:
    """Add how often each label occurs."""
    for label, times in Tally(labels).items():
        series.labels(label.value).inc(times)
