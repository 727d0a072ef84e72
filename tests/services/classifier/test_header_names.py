"""A header whose name is not UTF-8, which confluent-kafka can neither write nor read."""

import json
from collections.abc import Iterator

import pytest

from services.embedded_broker import embedded_broker
from tests.services.classifier.header_names import send_with_header_name
from tests.services.classifier.hostile import body
from tests.services.classifier.running import (
    TOPICS,
    FirstWordClassifier,
    Topics,
    open_topics,
    running,
    settings_of,
)

WARMING = 200
"""So many statements before, since Python treats a call that it has often made in another way."""


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[str, Topics]]:
    """A broker's address and its topics, with a service running."""
    with (
        embedded_broker(TOPICS) as broker,
        open_topics(broker) as topics,
        running(settings_of(broker), FirstWordClassifier()),
    ):
        topics.send(*({"value": body()} for _ in range(WARMING)))
        topics.outcomes(WARMING)
        yield broker, topics


def test_a_statement_with_such_a_header_is_labelled(service: tuple[str, Topics]) -> None:
    broker, topics = service
    send_with_header_name(broker, body(statement_id="named"), b"\xff\xfe")
    (result,) = topics.outcomes(1)
    assert result.topic() == "statements.classified"
    assert json.loads(result.value() or b"")["statement_id"] == "named"


def test_a_bad_message_with_such_a_header_is_rejected_and_spoils_no_other(service: tuple[str, Topics]) -> None:
    broker, topics = service
    send_with_header_name(broker, b"{", b"\xff\xfe")
    topics.send({"value": body()})
    reject, result = sorted(topics.outcomes(2), key=lambda message: message.topic() == "statements.classified")
    assert (reject.topic(), reject.value()) == ("statements.rejected", b"{")
    assert dict(reject.headers() or [])["communique.reason"] == b"not_json"
    assert result.topic() == "statements.classified"
