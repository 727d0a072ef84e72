"""A batch is delivered in parts where it must be, and read again where it cannot be."""

import time
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaException, TopicPartition

from services.classifier import records
from services.classifier.delivery import TRIES, Delivery
from services.classifier.events import Fault, RejectReason
from services.classifier.metrics import Metrics, Transaction
from services.classifier.publisher import PAUSE_SECONDS, FatalDeliveryError, TooLargeError, UndeliveredError
from services.classifier.records import Outcome


def deliver(
    delivery: Delivery, outcomes: Sequence[Outcome], consumer: Consumer, rejects_topic: str, metrics: Metrics
) -> None:
    """Deliver all outcomes in order, in smaller parts where one is too large for its topic.

    Raises UndeliveredError with the consumer wound back to the first outcome that is not delivered.
    """
    parts, tries = [outcomes], 0
    while parts:
        try:
            delivery.deliver(parts[0], consumer)
        except TooLargeError:
            metrics.transactions.labels(Transaction.ABORTED.value).inc()
            parts[:1] = _smaller(parts[0], rejects_topic)
        except UndeliveredError:
            metrics.transactions.labels(Transaction.ABORTED.value).inc()
            tries += 1
            if tries == TRIES:
                rewind(consumer, [outcome for part in parts for outcome in part])
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            metrics.delivered(parts.pop(0))
            tries = 0


def rewind(consumer: Consumer, outcomes: Sequence[Outcome]) -> None:
    """Have the consumer read these outcomes' records again, as far as their partitions are still its own."""
    assigned = {(partition.topic, partition.partition) for partition in consumer.assignment()}
    for (topic, partition), offset in records.first_offsets(outcomes).items():
        if (topic, partition) in assigned:
            try:
                consumer.seek(TopicPartition(topic, partition, offset))
            except KafkaException as error:
                raise FatalDeliveryError(f"cannot read {topic}/{partition} again: {error}") from error


def _smaller(outcomes: Sequence[Outcome], rejects_topic: str) -> list[Sequence[Outcome]]:
    """Two halves, or for a single outcome the next smaller thing to publish for its record."""
    if len(outcomes) > 1:
        middle = len(outcomes) // 2
        return [outcomes[:middle], outcomes[middle:]]
    outcome = outcomes[0]
    if outcome.fault is None:
        fault = Fault(RejectReason.TOO_LARGE, "the result is larger than its topic takes")
        return [[records.rejected(outcome.record, fault, rejects_topic)]]
    smaller = records.without_contents(outcome)
    if smaller == outcome:
        raise FatalDeliveryError(f"{rejects_topic} takes not even a reject without contents")
    return [[smaller]]
