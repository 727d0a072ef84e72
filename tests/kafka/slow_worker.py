"""The service, holding each transaction open before the commit and saying so, so that a kill can hit one.

Labels by the first word, so that a test waits for Kafka alone.
"""

import asyncio
import sys
import time
from typing import Any

import confluent_kafka

from services.classifier import publisher
from services.classifier.app import create_app
from services.classifier.settings import Settings
from tests.services.classifier.running import FirstWordClassifier, artifact_of

HOLD_SECONDS = 0.3


class SlowProducer(confluent_kafka.Producer):
    """Commits only after a while."""

    def commit_transaction(self, *arguments: Any) -> None:
        """Say so, wait, and commit."""
        print("holding", flush=True)
        time.sleep(HOLD_SECONDS)
        super().commit_transaction(*arguments)


publisher.Producer = SlowProducer  # type: ignore[attr-defined]
sys.exit(asyncio.run(create_app(Settings(), artifact_of(FirstWordClassifier())).serve()))
