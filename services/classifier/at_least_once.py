"""Delivery where the broker has no transactions: nothing is lost, and after a failure some results come twice."""

from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaException, TopicPartition

from services.classifier.publisher import FatalDeliveryError, Publisher, cause, offsets_of
from services.classifier.records import Outcome
from services.classifier.settings import Settings


class AtLeastOnce(Publisher):
    """Publishes and waits for every report before it commits; after a failure some results come twice."""

    def __init__(self, settings: Settings) -> None:
        """Connect in the background."""
        super().__init__(settings)
        self._patience = settings.transaction_timeout_seconds

    def prepare(self) -> bool:
        """There is nothing to do."""
        return True

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Publish the outcomes, then commit the offsets of their records."""
        try:
            self._publish(outcomes)
            if self._producer.flush(self._patience) or self._failures:
                self._give_up()
            _committed(consumer.commit(offsets=offsets_of(outcomes), asynchronous=False))
        except KafkaException as error:
            if cause(error).fatal():
                raise FatalDeliveryError(cause(error).str()) from error
            raise self._failed(cause(error).str()) from error

    def _give_up(self) -> None:
        """Take back what is not yet sent, and say why."""
        self._producer.purge()
        self._producer.flush(self._patience)
        if fatal := next((failure for failure in self._failures if failure.fatal()), None):
            raise FatalDeliveryError(fatal.str())
        raise self._failed("not delivered in time")


def _committed(partitions: list[TopicPartition] | None) -> None:
    """Raise the first partition's error, if one has any."""
    for partition in partitions or []:
        if partition.error:
            raise KafkaException(partition.error)
