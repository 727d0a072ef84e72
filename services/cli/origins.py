"""The statements that stand at their origin only, since the rejects' topic takes nothing so large."""

from confluent_kafka import TopicPartition

from services.classifier.events import RejectReason
from services.classifier.records import Record
from services.classifier.rejection import Rejection
from services.classifier.settings import Settings
from services.cli.kafka import answers, find_topic, is_nothing, reader


def is_without_contents(reject: Record, rejection: Rejection) -> bool:
    """Whether a reject tells only where its record stands."""
    return rejection.reason is RejectReason.TOO_LARGE and reject.key is None and reject.value is None


class Origins:
    """The statements' topic; no other is read, whatever a reject says of its origin."""

    def __init__(self, settings: Settings, group: str) -> None:
        """Connect; ends the command where there is no such topic."""
        self.topic = settings.statements_topic
        self._consumer = reader(settings, group, {"enable.partition.eof": True})
        self._partitions = find_topic(self._consumer, settings, self.topic)

    def fetch(self, rejection: Rejection) -> Record | None:
        """The record that was rejected; none where it no longer stands at its origin."""
        if rejection.topic != self.topic or rejection.partition not in self._partitions:
            return None
        self._consumer.assign([TopicPartition(self.topic, rejection.partition, rejection.offset)])
        message = next(answers(self._consumer))
        if is_nothing(message):
            return None
        record = Record.of(message)
        return record if (record.offset, record.timestamp) == (rejection.offset, rejection.timestamp) else None

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()
