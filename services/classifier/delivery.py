"""Outcomes and the offsets of their records go to Kafka: in one transaction, or at least once."""

import logging
from collections.abc import Sequence
from typing import Protocol

from confluent_kafka import Consumer

from services.classifier.at_least_once import AtLeastOnce
from services.classifier.exactly_once import ExactlyOnce
from services.classifier.records import Outcome
from services.classifier.settings import DeliveryMode, Settings

logger = logging.getLogger(__name__)

TRIES = 3
"""Of one delivery: Kafka may refuse the first transaction after an aborted one, for its sequence numbers."""


class Delivery(Protocol):
    """A way to deliver outcomes."""

    def prepare(self) -> bool:
        """Do what comes before the first delivery; false if Kafka does not answer yet."""
        ...

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Publish the outcomes and commit the offsets of their records for the consumer's group."""
        ...


def create(settings: Settings) -> Delivery:
    """The delivery that the settings ask for."""
    if settings.delivery is DeliveryMode.EXACTLY_ONCE:
        return ExactlyOnce(settings)
    logger.warning("delivering at least once: after a failure some results come twice")
    return AtLeastOnce(settings)
