"""Delivery in one transaction: nothing is lost, and readers of committed messages see nothing twice."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from services.classifier.publisher import PAUSE_SECONDS, FatalDeliveryError, Publisher, cause, offsets_of
from services.classifier.records import Outcome
from services.classifier.settings import Settings

logger = logging.getLogger(__name__)

CALL_SECONDS = 2.0
"""Of one call; made again, it goes on where it was."""
HANGING_SECONDS = 3.0
"""Of a call that does not return when its time is up; twice as long after each that hangs, should Kafka be slow."""
PATIENCE_SECONDS = 30
"""Of all tries of a call: then this process ends, since another may get on where this one is stuck."""


class FencedError(FatalDeliveryError):
    """Another producer has taken over this one's transactional id."""


class _HangingError(Exception):
    """The producer does not return from a call."""


class ExactlyOnce(Publisher):
    """Publishes and commits in one transaction: readers of committed messages see each outcome once."""

    def __init__(self, settings: Settings, *, replaceable: bool = True, **config: Any) -> None:
        """Connect in the background; a producer that is not replaceable ends where it hangs."""
        self._replaceable = replaceable
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
            self._begin_anew(CALL_SECONDS)
        except KafkaException as error:
            if not cause(error).retriable():
                raise self._fatal(error) from error
        return self._initialised

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Publish the outcomes and commit the offsets of their records, all or nothing."""
        self.transact(outcomes, offsets_of(outcomes), consumer)

    def transact(self, outcomes: Sequence[Outcome], offsets: Sequence[TopicPartition], consumer: Consumer) -> None:
        """Publish the outcomes and commit these offsets for the consumer's group, all or nothing."""
        if self._doubtful and self._replaceable:
            self._replace()
        try:
            self.initialise()
            self._producer.begin_transaction()
            self._publish(outcomes)
            self._insist(self._send_offsets, [*offsets], consumer.consumer_group_metadata())
            self._insist(self._producer.commit_transaction)
            self._hanging_seconds = HANGING_SECONDS
        except _HangingError as error:
            if not self._replaceable:
                raise FatalDeliveryError(str(error)) from error
            self._doubtful, self._hanging_seconds = True, min(2 * self._hanging_seconds, PATIENCE_SECONDS)
            raise self._failed(str(error)) from error
        except KafkaException as error:
            if cause(error).fatal() or cause(error).code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
                raise self._fatal(error) from error
            self._abort(error)

    def initialise(self) -> None:
        """Fence off the producers that had this instance's name before, once; what they had open is undone."""
        self._insist(self._begin_anew)

    def _begin_anew(self, seconds: float) -> None:
        """Take the transactional id, once."""
        if not self._initialised:
            self._producer.init_transactions(seconds)
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
                if not cause(error).retriable():
                    raise
                if time.monotonic() > deadline:
                    raise FatalDeliveryError(f"after {PATIENCE_SECONDS} s of tries: {cause(error).str()}") from error
                logger.warning("Kafka asks to try again", extra={"error": cause(error).str()})
                self._doubtful = self._initialised  # it may have lost a coordinator, and hang the next time
                time.sleep(PAUSE_SECONDS)

    def _fatal(self, error: KafkaException) -> FatalDeliveryError:
        """What to tell the caller of a producer that cannot go on."""
        code, words = cause(error).code(), cause(error).str()
        if code in (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH):
            return FencedError(words)
        if code == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            return FatalDeliveryError(f"{words}; wanted an ACL: WRITE on transactional id {self._transactional_id}")
        return FatalDeliveryError(words)

    def _abort(self, error: KafkaException) -> None:
        """Undo the transaction, and say why."""
        try:
            self._insist(self._producer.abort_transaction)
        except KafkaException as fatal:
            raise self._fatal(fatal) from fatal
        raise self._failed(cause(error).str()) from error


def _settle(outcome: Future[None], call: Callable[[], object]) -> None:
    """Make a call and note how it ended."""
    try:
        call()
        outcome.set_result(None)
    except Exception as error:
        outcome.set_exception(error)
