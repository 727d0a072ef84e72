"""A header whose name is not UTF-8, which confluent-kafka can neither write nor read."""

import ctypes
import json
from collections.abc import Iterator

import pytest

from services.embedded_broker import embedded_broker, librdkafka
from tests.services.classifier.hostile import body
from tests.services.classifier.running import (
    PATIENCE_SECONDS,
    TOPICS,
    FirstWordClassifier,
    Topics,
    open_topics,
    running,
    settings_of,
)

END, TOPIC, PARTITION, VALUE, MSGFLAGS, HEADER = 0, 1, 3, 4, 7, 9
COPY = 2
"""rd_kafka_vtype_t and RD_KAFKA_MSG_F_COPY of rdkafka.h."""
WARMING = 200
"""So many statements before, since Python treats a call that it has often made in another way."""


def send_with_header_name(bootstrap_servers: str, value: bytes, name: bytes) -> None:
    """Publish a statement as a program in C could."""
    library = librdkafka()
    library.rd_kafka_producev.argtypes = [ctypes.c_void_p]
    library.rd_kafka_flush.argtypes = [ctypes.c_void_p, ctypes.c_int]
    configuration, error = library.rd_kafka_conf_new(), ctypes.create_string_buffer(512)
    for setting, text in ((b"bootstrap.servers", bootstrap_servers.encode()), (b"log_level", b"0")):
        library.rd_kafka_conf_set(configuration, setting, text, error, len(error))
    client = library.rd_kafka_new(0, configuration, error, len(error))
    number, text, size = ctypes.c_int, ctypes.c_char_p, ctypes.c_ssize_t
    topic = (number(TOPIC), text(b"statements"), number(PARTITION), number(0), number(MSGFLAGS), number(COPY))
    content = (number(VALUE), text(value), size(len(value)), number(HEADER), text(name), text(b"x"), size(1))
    assert library.rd_kafka_producev(client, *topic, *content, number(END)) == 0
    assert library.rd_kafka_flush(client, PATIENCE_SECONDS * 1000) == 0
    library.rd_kafka_destroy(client)


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
