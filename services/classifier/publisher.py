"""What both ways to deliver share: a producer, what it says of its messages, and the errors a caller can meet."""

import logging
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from services.classifier import records
from services.classifier.records import Outcome
from services.classifier.settings import Settings

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.2
"""Between two tries of a call: long enough for a new leader to be found, short beside a transaction's timeout."""
MESSAGE_MAX_BYTES = 1_000_000_000
"""librdkafka's highest: what is too large, the topic decides."""


class UndeliveredError(Exception):
    """Nothing was committed: read the batch again."""


class TooLargeError(Exception):
    """Nothing was committed, since a message was larger than its topic takes: deliver less at once."""


class FatalDeliveryError(Exception):
    """The producer cannot go on: end the process."""


class Publisher:
    """A producer that remembers which of its messages failed."""

    def __init__(self, settings: Settings, **config: Any) -> None:
        """Connect in the background."""
        self._failures: list[KafkaError] = []
        self._config = {
            **settings.client_config(),
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "compression.type": "lz4",
            "linger.ms": 5,
            "message.max.bytes": MESSAGE_MAX_BYTES,
            "delivery.timeout.ms": int(settings.transaction_timeout_seconds * 800),
            "delivery.report.only.error": True,
            **config,
        }
        self._connect()

    def _connect(self) -> None:
        """Take a new producer."""
        self._producer = Producer(self._config, logger=logger)

    def _publish(self, outcomes: Sequence[Outcome]) -> None:
        """Hand every outcome to the producer, waiting where its queue is full."""
        self._failures.clear()
        for outcome in outcomes:
            while True:
                try:
                    self._producer.produce(
                        outcome.topic,
                        outcome.value,
                        outcome.key,
                        headers=list(outcome.headers),
                        on_delivery=self._remember,
                    )
                    break
                except BufferError:
                    self._producer.poll(PAUSE_SECONDS)

    def _remember(self, error: KafkaError | None, _: object) -> None:
        if error is not None:
            self._failures.append(error)

    def _failed(self, words: str) -> Exception:
        """What to tell the caller of a batch that was given up."""
        if any(failure.code() == KafkaError.MSG_SIZE_TOO_LARGE for failure in self._failures):
            return TooLargeError(words)
        return UndeliveredError(self._failures[0].str() if self._failures else words)


def cause(error: KafkaException) -> KafkaError:
    """The Kafka error inside the exception."""
    cause: KafkaError = error.args[0]
    return cause


def offsets_of(outcomes: Sequence[Outcome]) -> list[TopicPartition]:
    """Where the group goes on after these outcomes."""
    return [TopicPartition(*place, offset) for place, offset in records.next_offsets(outcomes).items()]
