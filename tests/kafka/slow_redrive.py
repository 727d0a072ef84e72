"""`communique redrive` in small transactions; each is held open, all of it in Kafka, until a line comes."""

import sys
from typing import Any

import confluent_kafka

from services.classifier import publisher
from services.cli import app, decisions

BATCH_SIZE = 100


class HeldProducer(confluent_kafka.Producer):
    """Commits only when told to."""

    def commit_transaction(self, *arguments: Any) -> None:
        """Say so, wait for a line, and commit."""
        self.flush()
        print("holding", flush=True)
        sys.stdin.readline()
        super().commit_transaction(*arguments)


if __name__ == "__main__":
    publisher.Producer = HeldProducer  # type: ignore[attr-defined]
    decisions.BATCH_SIZE = BATCH_SIZE
    app.main()
