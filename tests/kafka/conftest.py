"""A real Kafka: COMMUNIQUE_TEST_KAFKA names one, else one is started with Java and Maven."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.classifier import access
from tests.kafka import node
from tests.kafka.place import WRONG, Place
from tests.kafka.secured import CLIENT_SECRET, PASSWORD, Secured, running_secured_node
from tests.services.classifier.running import Names

LARGE = {"max.message.bytes": "20000000"}


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


@pytest.fixture(scope="session")
def secured(kafka_libraries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A secured node."""
    with running_secured_node(kafka_libraries, tmp_path_factory.mktemp("secured")) as running_one:
        yield running_one


@pytest.fixture
def ask_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the service ask more often than it does, for the tests' time."""
    monkeypatch.setattr(access, "PAUSE_SECONDS", 0.5)


@pytest.fixture
def no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A test that uses this fails if a secret is in the logs."""
    yield
    assert not any(secret in caplog.text for secret in (PASSWORD, CLIENT_SECRET, WRONG))


@pytest.fixture
def place(secured: Secured) -> Place:
    """Topics of the test's own."""
    names = node.unique_names()
    node.make_topics(secured.plain, {name: {} for name in (names.statements, names.results, names.rejects)}, 2)
    return Place(secured, names)
