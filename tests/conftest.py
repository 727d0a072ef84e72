"""What all tests may use: the shipped classifier, loaded once."""

import pytest

from models import artifact
from models.pipeline import StatementClassifier


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
