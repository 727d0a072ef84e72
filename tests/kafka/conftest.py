"""A real Kafka: COMMUNIQUE_TEST_KAFKA names one, else one is started with Java and Maven."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kafka import node
from tests.services.classifier.running import Names

LARGE = {"max.message.bytes": "20000000"}


@pytest.fixture(scope="session")
def libraries(pytestconfig: pytest.Config) -> Path:
    """The folder with Kafka's jars."""
    if lacking := node.missing():
        if node.required():
            pytest.fail(f"{lacking}, and CI must not pass without")
        pytest.skip(f"{lacking}; COMMUNIQUE_TEST_KAFKA may name a running one")
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("kafka-4.3.1")
    node.fetch(folder)
    return folder


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Kafka 4."""
    if address := os.environ.get("COMMUNIQUE_TEST_KAFKA"):
        yield address
        return
    libraries = request.getfixturevalue("libraries")
    with node.running_node(libraries, tmp_path_factory.mktemp("kafka")) as address:
        yield address


@pytest.fixture
def make_topics(kafka: str) -> Callable[..., Names]:
    """Makes the three topics with names of the test's own; they take 20 MB unless told otherwise."""

    def make(
        partitions: int = 3,
        statements: dict[str, str] = LARGE,
        results: dict[str, str] = LARGE,
        rejects: dict[str, str] = LARGE,
    ) -> Names:
        names = node.unique_names()
        configs = {names.statements: statements, names.results: results, names.rejects: rejects}
        node.make_topics(kafka, configs, partitions)
        return names

    return make
