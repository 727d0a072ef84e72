"""Outcomes and the offsets of their records go to Kafka: in one transaction, or at least once."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
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
CALL_SECONDS = 2.0
"""Of one call; made again, it goes on where it was."""
HANGING_SECONDS = 3.0
"""Of a call that does not return when its time is up; twice as long after each that hangs, should Kafka be slow."""
PATIENCE_SECONDS = 30
"""Of all tries of a call: then this process ends, since another may get on where this one is stuck."""
MESSAGE_MAX_BYTES = 1_000_000_000
"""librdkafka's highest: what is too large, the topic decides."""


class UndeliveredError(Exception):
    """Nothing was committed: read the batch again."""


class TooLargeError(Exception):
    """Nothing was committed, since a message was larger than its topic takes: deliver less at once."""


class _HangingError(Exception):
    """The producer does not return from a call."""


class FatalDeliveryError(Exception):
    """The producer cannot go on: end the process."""


class FencedError(FatalDeliveryError):
    """Another producer has taken over this one's transactional id."""


class Delivery(Protocol):
    """A way to deliver outcomes."""

    def prepare(self) -> bool:
        """Do what comes before the first delivery; false if Kafka does not answer yet."""
        ...

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Publish the outcomes and commit the offsets of their records for the consumer's group."""
        ...


class _Publisher:
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

    def prepare(self) -> bool:
        """There is nothing to do."""
        return True

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
        """Connect in the background."""
        self._transactional_id = f"{settings.group}-{settings.instance}"
        super().__init__(
            settings,
            **{
                "transactional.id": self._transactional_id,
                "transaction.timeout.ms": int(settings.transaction_timeout_seconds * 1000),
                **config,
            },
        )
        self._initialised = self._doubtful = False
        self._hanging_seconds = HANGING_SECONDS

    def prepare(self) -> bool:
        """Fence off the producers that had this instance's name before, and undo what they left open."""
        try:
            if not self._initialised:
                self._producer.init_transactions(CALL_SECONDS)
                self._initialised = True
        except KafkaException as error:
            if not _cause(error).retriable():
                raise self._fatal(error) from error
        return self._initialised

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Publish the outcomes and commit the offsets of their records, all or nothing."""
        self.transact(outcomes, _offsets(outcomes), consumer)

    def transact(self, outcomes: Sequence[Outcome], offsets: Sequence[TopicPartition], consumer: Consumer) -> None:
        """Publish the outcomes and commit these offsets for the consumer's group, all or nothing."""
        if self._doubtful:
            self._replace()
        try:
            self.initialise()
            self._producer.begin_transaction()
            self._publish(outcomes)
            self._insist(self._send_offsets, [*offsets], consumer.consumer_group_metadata())
            self._insist(self._producer.commit_transaction)
            self._hanging_seconds = HANGING_SECONDS
        except _HangingError as error:
            self._doubtful, self._hanging_seconds = True, min(2 * self._hanging_seconds, PATIENCE_SECONDS)
            raise self._failed(error) from error
        except KafkaException as error:
            if _cause(error).fatal() or _cause(error).code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
                raise self._fatal(error) from error
            self._abort(error)

    def initialise(self) -> None:
        """Fence off the producers that had this instance's name before, once; what they had open is undone."""
        if not self._initialised:
            self._insist(self._producer.init_transactions)
            self._initialised = True

    def _replace(self) -> None:
        """Go on with a new producer of the same name, which fences off the one before."""
        logger.warning("taking a new producer")
        self._connect()
        self._initialised = self._doubtful = False

    def _send_offsets(self, offsets: list[TopicPartition], group: object, seconds: float) -> None:
        """Send offsets in a thread that is left behind if it hangs.

        librdkafka 2.16 can lose a group's coordinator for good, whatever the timeout: its issues 5456 and 5511.
        """
        outcome: Future[None] = Future()
        call = partial(self._producer.send_offsets_to_transaction, offsets, group, seconds)
        threading.Thread(target=_settle, args=(outcome, call), daemon=True).start()
        try:
            outcome.result(self._hanging_seconds)
        except TimeoutError as error:
            raise _HangingError(f"no answer in {self._hanging_seconds:g} s") from error

    def _insist(self, call: Callable[..., object], *arguments: object) -> None:
        """Make the call until it fails for good, if at all; a fatal error if Kafka asks for ever to try again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                call(*arguments, CALL_SECONDS)
                return
            except KafkaException as error:
                if not _cause(error).retriable():
                    raise
                if time.monotonic() > deadline:
                    raise FatalDeliveryError(f"after {PATIENCE_SECONDS} s of tries: {error}") from error
                logger.warning("Kafka asks to try again", extra={"error": str(error)})
                self._doubtful = self._initialised  # it may have lost a coordinator, and hang the next time
                time.sleep(PAUSE_SECONDS)

    def _fatal(self, error: KafkaException) -> FatalDeliveryError:
        """What to tell the caller of a producer that cannot go on."""
        if _cause(error).code() in (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH):
            return FencedError(str(error))
        if _cause(error).code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            return FatalDeliveryError(f"{error}; wanted an ACL: WRITE on transactional id {self._transactional_id}")
        return FatalDeliveryError(str(error))

    def _abort(self, error: KafkaException) -> None:
        """Undo the transaction, and say why."""
        try:
            self._insist(self._producer.abort_transaction)
        except KafkaException as fatal:
            raise self._fatal(fatal) from fatal
        raise self._failed(error) from error


def create(settings: Settings) -> Delivery:
    """The delivery that the settings ask for."""
    if settings.delivery is DeliveryMode.EXACTLY_ONCE:
        return ExactlyOnce(settings)
    logger.warning("delivering at least once: after a failure some results come twice")
    return AtLeastOnce(settings)


def _settle(outcome: Future[None], call: Callable[[], object]) -> None:
    """Make a call and note how it ended."""
    try:
        call()
        outcome.set_result(None)
    except Exception as error:
        outcome.set_exception(error)


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
