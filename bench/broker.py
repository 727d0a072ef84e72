"""The Kafka of a run: one node of the version that the tests use, ended with the run."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.roster import FOLDER
from tests.kafka import node

LIBRARIES = FOLDER / ".kafka-4.3.1"


class NoKafkaError(Exception):
    """This machine cannot run Kafka; the message says what it lacks."""


@contextmanager
def running() -> Iterator[str]:
    """The bootstrap servers of a node. Raises NoKafkaError."""
    if lacking := node.missing():
        raise NoKafkaError(lacking)
    node.fetch(LIBRARIES)
    with tempfile.TemporaryDirectory(prefix="bench-kafka-") as folder, node.running_node(LIBRARIES, Path(folder)) as at:
        yield at
