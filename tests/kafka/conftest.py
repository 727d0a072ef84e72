"""A real Kafka: COMMUNIQUE_TEST_KAFKA names one, else one is started with Java and Maven."""

import os
import uuid
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from tests.kafka import node
from tests.services.classifier.running import Names

LARGE = {"max.message.bytes": "20000000"}
PATIENCE_SECONDS = 30


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Kafka 4."""
    if address := os.environ.get("COMMUNIQUE_TEST_KAFKA"):
        yield address
        return
    with node.running_node(request.getfixturevalue("kafka_libraries"), tmp_path_factory.mktemp("kafka")) as address:
        yield address


@pytest.fixture
def make_topics(kafka: str) -> Callable[..., Names]:
    """Makes the three topics with names of the test's own; they take 20 MB unless told otherwise."""

    def make(partitions: int = 3, results: dict[str, str] = LARGE, rejects: dict[str, str] = LARGE) -> Names:
        unique = uuid.uuid4().hex[:8]
        names = Names(f"statements-{unique}", f"classified-{unique}", f"rejected-{unique}")
        configs = {names.statements: LARGE, names.results: results, names.rejects: rejects}
        admin = AdminClient({"bootstrap.servers": kafka, "log_level": 0})
        topics = [NewTopic(name, partitions, 1, config=config) for name, config in configs.items()]
        for made in admin.create_topics(topics).values():
            made.result(PATIENCE_SECONDS)
        return names

    return make
