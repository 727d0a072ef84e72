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
