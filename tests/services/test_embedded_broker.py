"""A Kafka in the process: several clients, groups and partitions, and a clear word where it cannot be had."""

from importlib import metadata

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from services.embedded_broker import EmbeddedBrokerError, embedded_broker

PATIENCE_SECONDS = 20


def test_what_is_sent_is_read_with_its_key_and_headers() -> None:
    headers = [("x", b"\xff"), ("y", None), ("x", b"2")]
    with embedded_broker({"statements": 3}) as bootstrap_servers:
        producer = Producer({"bootstrap.servers": bootstrap_servers, "log_level": 0})
        producer.produce("statements", b"value", b"key", headers=headers)
        assert producer.flush(PATIENCE_SECONDS) == 0
        consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": "readers",
                "auto.offset.reset": "earliest",
                "allow.auto.create.topics": False,
                "log_level": 0,
            }
        )
        consumer.subscribe(["statements"])
        (message,) = consumer.consume(1, PATIENCE_SECONDS)
        consumer.close()
    assert (message.key(), message.value(), message.headers()) == (b"key", b"value", headers)


def test_each_topic_has_the_partitions_asked_for() -> None:
    with embedded_broker({"one": 1, "five": 5}) as bootstrap_servers:
        topics = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0}).list_topics(timeout=20).topics
    assert {name: len(topic.partitions) for name, topic in topics.items()} == {"one": 1, "five": 5}


def test_two_brokers_stand_side_by_side() -> None:
    with embedded_broker({"one": 1}) as one, embedded_broker({"other": 1}) as other:
        assert one != other


def test_a_topic_that_cannot_be_made_is_named() -> None:
    twice_for_c = {"statements": 1, "statements\0": 2}
    with pytest.raises(EmbeddedBrokerError, match="2 partitions: librdkafka's error"), embedded_broker(twice_for_c):
        pass


def test_an_installation_without_the_library_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "files", lambda _: [])
    with pytest.raises(EmbeddedBrokerError, match="install a wheel"), embedded_broker({"statements": 1}):
        pass
