"""What all tests may use: the shipped classifier, loaded once, and Kafka's jars."""

from pathlib import Path

import pytest

from models import artifact
from models.pipeline import StatementClassifier
from tests.kafka import node


@pytest.fixture(scope="session")
def shipped() -> artifact.Artifact:
    """The artefact that comes with the repository."""
    return artifact.load(artifact.SHIPPED)


@pytest.fixture(scope="session")
def classifier(shipped: artifact.Artifact) -> StatementClassifier:
    """Its classifier."""
    return shipped.classifier


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the list of known failures be written anew, after a retraining."""
    parser.addoption(
        "--record-known-failures",
        action="store_true",
        help="write tests/models/data/known-failures.json from what the shipped classifier gets wrong",
    )


@pytest.fixture(scope="session")
def kafka_libraries(pytestconfig: pytest.Config) -> Path:
    """Where the jars of Apache Kafka are; a skip without Java and Maven, a failure in CI."""
    if lacking := node.missing():
        if node.required():
            pytest.fail(f"{lacking}, and CI must not pass without")
        pytest.skip(f"{lacking}; COMMUNIQUE_TEST_KAFKA may name a running one")
    assert pytestconfig.cache is not None
    libraries = pytestconfig.cache.mkdir("kafka-4.3.1")
    node.fetch(libraries)
    return libraries
