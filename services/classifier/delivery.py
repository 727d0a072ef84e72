"""Outcomes and the offsets of their records go to Kafka: in one transaction, or at least once."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from services.classifier import records
from services.classifier.records import Outcome
from services.classifier.settings import DeliveryMode, Settings

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.2
"""Between two tries of a call: long enough for a new leader to be found, short beside a transaction's timeout."""
TRIES = 3
"""Of one delivery: Kafka may refuse the first transaction after an aborted one, for its sequence numbers."""
MESSAGE_MAX_BYTES = 1_000_000_000
"""librdkafka's highest: what is too large, the topic decides."""


class UndeliveredError(Exception):
    """Nothing was committed: read the batch again."""


class TooLargeError(Exception):
    """Nothing was committed, since a message was larger than its topic takes: deliver less at once."""


class FatalDeliveryError(Exception):
    """The producer cannot go on: end the process."""


class FencedError(FatalDeliveryError):
    """Another producer has taken over this one's transactional id."""


class Delivery(Protocol):
    """A way to deliver outcomes."""

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Publish the outcomes and commit the offsets of their records for the consumer's group."""
        ...


class _Publisher:
    """A producer that remembers which of its messages failed."""

    def __init__(self, settings: Settings, **config: Any) -> None:
        """Connect in the background."""
        self._failures: list[KafkaError] = []
        self._producer = Producer(
            {
                **settings.client_config(),
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "linger.ms": 5,
                "message.max.bytes": MESSAGE_MAX_BYTES,
                "delivery.timeout.ms": int(settings.transaction_timeout_seconds * 800),
                "delivery.report.only.error": True,
                **config,
            },
            logger=logger,
        )

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

    def _failed(self, error: object) -> Exception:
        """What to tell the caller of a batch that was given up."""
        if any(failure.code() == KafkaError.MSG_SIZE_TOO_LARGE for failure in self._failures):
            return TooLargeError(str(error))
        return UndeliveredError(str(self._failures[0] if self._failures else error))


class AtLeastOnce(_Publisher):
    """Publishes and waits for every report before it commits; after a failure some results come twice."""

    def __init__(self, settings: Settings) -> None:
        """Connect in the background."""
        super().__init__(settings)
        self._patience = settings.transaction_timeout_seconds

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Publish the outcomes, then commit the offsets of their records."""
        try:
            self._publish(outcomes)
            if self._producer.flush(self._patience) or self._failures:
                self._give_up()
            _committed(consumer.commit(offsets=_offsets(outcomes), asynchronous=False))
        except KafkaException as error:
            if _cause(error).fatal():
                raise FatalDeliveryError(str(error)) from error
            raise self._failed(error) from error

    def _give_up(self) -> None:
        """Take back what is not yet sent, and say why."""
        self._producer.purge()
        self._producer.flush(self._patience)
        if fatal := next((failure for failure in self._failures if failure.fatal()), None):
            raise FatalDeliveryError(str(fatal))
        raise self._failed("not delivered in time")


class ExactlyOnce(_Publisher):
    """Publishes and commits in one transaction: readers of committed messages see each outcome once."""

    def __init__(self, settings: Settings, **config: Any) -> None:
        """Connect in the background; transactions start with the first batch."""
        self._transactional_id = f"{settings.group}-{settings.instance}"
        super().__init__(
            settings,
            **{
                "transactional.id": self._transactional_id,
                "transaction.timeout.ms": int(settings.transaction_timeout_seconds * 1000),
                **config,
            },
        )
        self._initialised = False

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Publish the outcomes and commit the offsets of their records, all or nothing."""
        self.transact(outcomes, _offsets(outcomes), consumer)

    def transact(self, outcomes: Sequence[Outcome], offsets: Sequence[TopicPartition], consumer: Consumer) -> None:
        """Publish the outcomes and commit these offsets for the consumer's group, all or nothing."""
        try:
            self.initialise()
            _insist(self._producer.begin_transaction)
            self._publish(outcomes)
            _insist(self._producer.send_offsets_to_transaction, [*offsets], consumer.consumer_group_metadata())
            _insist(self._producer.commit_transaction)
        except KafkaException as error:
            if _cause(error).code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
                wanted = f"an ACL: WRITE on transactional id {self._transactional_id}"
                raise FatalDeliveryError(f"{error}; wanted {wanted}") from error
            if _cause(error).fatal():
                raise _fatal(error) from error
            self._abort(error)

    def initialise(self) -> None:
        """Fence off the producers that had this instance's name before, once; what they had open is undone."""
        if not self._initialised:
            _insist(self._producer.init_transactions)
            self._initialised = True

    def _abort(self, error: KafkaException) -> None:
        """Undo the transaction, and say why."""
        try:
            _insist(self._producer.abort_transaction)
        except KafkaException as fatal:
            raise _fatal(fatal) from fatal
        raise self._failed(error) from error


def create(settings: Settings) -> Delivery:
    """The delivery that the settings ask for."""
    if settings.delivery is DeliveryMode.EXACTLY_ONCE:
        return ExactlyOnce(settings)
    logger.warning("delivering at least once: after a failure some results come twice")
    return AtLeastOnce(settings)


def _insist(call: Callable[..., object], *arguments: object) -> None:
    """Make the call until it fails for good, if at all."""
    while True:
        try:
            call(*arguments)
            return
        except KafkaException as error:
            if not _cause(error).retriable():
                raise
            logger.warning("Kafka asks to try again", extra={"error": str(error)})
            time.sleep(PAUSE_SECONDS)


def _fatal(error: KafkaException) -> FatalDeliveryError:
    """What to tell the caller of a producer that cannot go on."""
    fenced = _cause(error).code() in (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
    return FencedError(str(error)) if fenced else FatalDeliveryError(str(error))


def _cause(error: KafkaException) -> KafkaError:
    """The Kafka error inside the exception."""
    cause: KafkaError = error.args[0]
    return cause


def _offsets(outcomes: Sequence[Outcome]) -> list[TopicPartition]:
    """Where the group goes on after these outcomes."""
    return [TopicPartition(*place, offset) for place, offset in records.next_offsets(outcomes).items()]


def _committed(partitions: list[TopicPartition] | None) -> None:
    """Raise the first partition's error, if one has any."""
    for partition in partitions or []:
        if partition.error:
            raise KafkaException(partition.error)
