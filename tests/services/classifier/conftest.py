"""Embedded brokers and what is read and written there."""

from collections.abc import Iterator

import pytest

from services.embedded_broker import embedded_broker
from tests.services.classifier.running import TOPICS, FirstWordClassifier, Topics, open_topics


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of an embedded broker of the test's own."""
    with embedded_broker(TOPICS) as bootstrap_servers:
        yield bootstrap_servers


@pytest.fixture
def topics(broker: str) -> Iterator[Topics]:
    """Its topics."""
    with open_topics(broker) as opened:
        yield opened


@pytest.fixture
def first_word() -> FirstWordClassifier:
    """A classifier whose labels are known."""
    return FirstWordClassifier()
