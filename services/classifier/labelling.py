"""Records in, outcomes out: decode, validate, classify one batch, write the events."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from models.artifact import ArtifactError
from models.classifier import Classifier, Labels
from services.classifier import records
from services.classifier.events import ClassifiedStatement, Fault, Model, Statement, read_statement
from services.classifier.metrics import Metrics, Stage
from services.classifier.poison import label_each, poison
from services.classifier.records import Outcome, Record
from services.classifier.settings import Settings

logger = logging.getLogger(__name__)


PROBE = "The ministers agreed to cooperate in transport."
"""A classifier that fails on this is broken: no statement is to blame."""


class BrokenClassifierError(ArtifactError):
    """The classifier fails on a plain statement."""


class Labeller:
    """Makes one outcome of each record, whatever the record holds."""

    def __init__(self, classifier: Classifier, model: Model, settings: Settings, metrics: Metrics) -> None:
        """Label with this classifier, for the topics of these settings."""
        self.classifier = classifier
        self.model = model
        self.settings = settings
        self.metrics = metrics

    def label(self, batch: Sequence[Record]) -> list[Outcome]:
        """The outcomes of a batch, in its order."""
        self.metrics.batches.observe(len(batch))
        with self.metrics.stage(Stage.DECODE):
            readings = [read_statement(record.value, record.headers) for record in batch]
        with self.metrics.stage(Stage.CLASSIFY):
            texts = [reading.text for reading in readings if isinstance(reading, Statement)]
            given = label_each(self.classifier, texts)
        if any(isinstance(labels, Fault) for labels in given):
            probe(self.classifier)
        labels = iter(given)
        now = datetime.now(UTC)
        return [
            self._outcome(record, reading, next(labels), now)
            if isinstance(reading, Statement)
            else self._reject(record, reading)
            for record, reading in zip(batch, readings, strict=True)
        ]

    def _outcome(self, record: Record, statement: Statement, labels: Labels | Fault, now: datetime) -> Outcome:
        """The result of a statement, or its reject if it could not be labelled."""
        if isinstance(labels, Fault):
            return self._reject(record, labels)
        try:
            event = ClassifiedStatement.of(statement, labels, model=self.model, at=now, origin=record.origin)
            result = records.classified(
                record, event, labels, self.settings.results_topic, f"/communique/{self.settings.group}"
            )
        except ValueError as error:
            return self._reject(record, poison(error))
        return records.at_most(result, self.settings.result_max_bytes, self.settings.rejects_topic)

    def _reject(self, record: Record, fault: Fault) -> Outcome:
        """The reject of a record, told to the log without its content."""
        logger.warning("rejected a message", extra={"reason": fault.reason, **record.origin.model_dump()})
        return records.rejected(record, fault, self.settings.rejects_topic)


def probe(classifier: Classifier) -> None:
    """Raise BrokenClassifierError if a plain statement cannot be labelled."""
    for labels in label_each(classifier, [PROBE]):
        if isinstance(labels, Fault):
            raise BrokenClassifierError(f"wanted labels for a plain statement, found: {labels.error}")
