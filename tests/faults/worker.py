"""The service with a quick classifier, holding each transaction open for a while and saying so, so that one is hit.

SIGUSR1 makes the next batch slow. `FAULTS_MAX_POLL_SECONDS` is what a batch may take, and `FAULTS_MUTATION` names a
safeguard to leave out, to see that a fault notices.
"""

import asyncio
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from functools import partialmethod
from typing import Any

import confluent_kafka
from faststream.confluent import KafkaBroker

from models.classifier import Labels
from services.classifier import logs, publisher
from services.classifier.app import create_app
from services.classifier.settings import Settings
from tests.faults import mutations
from tests.faults.actors import say
from tests.services.classifier.running import FirstWordClassifier, artifact_of

HOLD_SECONDS = 0.1
SLOW_SECONDS = 12
"""Beyond the longest time between two polls where a model is slow, so that the group gives the partitions to others."""


class HeldProducer(confluent_kafka.Producer):
    """Holds each transaction open with its results in Kafka, now before the offsets, now before the commit."""

    _before_offsets = True

    def begin_transaction(self) -> None:
        """Begin, and choose where to hold."""
        self._before_offsets = random.random() < 0.5  # noqa: S311 - no secret
        super().begin_transaction()

    def send_offsets_to_transaction(self, *arguments: Any) -> None:
        """Send the offsets, perhaps after a while."""
        self._hold(self._before_offsets)
        super().send_offsets_to_transaction(*arguments)

    def commit_transaction(self, *arguments: Any) -> None:
        """Commit, perhaps after a while."""
        self._hold(not self._before_offsets)
        super().commit_transaction(*arguments)

    def _hold(self, here: bool) -> None:
        """Wait, if here."""
        if here:
            say(holding=True)
            time.sleep(HOLD_SECONDS)


class SometimesSlow(FirstWordClassifier):
    """Takes too long for one batch after it was asked to."""

    def __init__(self) -> None:
        """Be quick until a signal comes."""
        super().__init__()
        self._slow = threading.Event()
        signal.signal(signal.SIGUSR1, lambda *_: self._slow.set())

    def label(self, texts: Sequence[str]) -> list[Labels]:
        """The first words, perhaps late."""
        if self._slow.is_set():
            self._slow.clear()
            time.sleep(SLOW_SECONDS)
            say(woken=True)
        return super().label(texts)


def main() -> int:
    """Serve as the settings in the environment say."""
    publisher.Producer = HeldProducer  # type: ignore[attr-defined]
    KafkaBroker.subscriber = partialmethod(  # type: ignore[assignment,method-assign]
        KafkaBroker.subscriber, max_poll_interval_ms=int(os.environ["FAULTS_MAX_POLL_SECONDS"]) * 1000
    )
    mutations.apply(os.environ.get("FAULTS_MUTATION", ""))
    logs.configure("INFO")
    return asyncio.run(create_app(Settings(), artifact_of(SometimesSlow())).serve())


if __name__ == "__main__":
    sys.exit(main())
