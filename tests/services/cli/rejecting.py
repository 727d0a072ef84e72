"""Rejects as the service publishes them, and what a redrive makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from services.classifier import records
from services.classifier.cloudevents import Headers
from services.classifier.events import Fault, RejectReason
from services.classifier.records import Outcome, Record
from tests.services.classifier.running import NAMES, Names

PATIENCE_SECONDS = 30
Sent = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]


@dataclass(frozen=True)
class Rejected:
    """A message that the service has rejected."""

    key: bytes | None = b"key"
    value: bytes | None = b"{"
    headers: Headers = ()
    reason: RejectReason = RejectReason.NOT_JSON
    attempt: int = 1
    partition: int = 0
    timestamp: int = 0
    contents: bool = True
    origin: tuple[str | None, int, int, int] = (None, 0, 0, 1_700_000_000_000)

    def outcome(self, names: Names) -> Outcome:
        """What the service publishes for it."""
        topic, *place = self.origin
        before = [("communique.attempt", str(self.attempt - 1).encode())] if self.attempt > 1 else []
        record = Record(topic or names.statements, *place, self.key, self.value, [*self.headers, *before])
        reject = records.rejected(record, Fault(self.reason, "a fault"), names.rejects)
        return reject if self.contents else records.without_contents(reject)


def publish(servers: str, *rejects: Rejected, names: Names = NAMES) -> None:
    """Put rejects on their topic."""
    producer = Producer({"bootstrap.servers": servers, "message.max.bytes": 50_000_000, "log_level": 0})
    for reject in rejects:
        outcome = reject.outcome(names)
        producer.produce(
            outcome.topic,
            outcome.value,
            outcome.key,
            headers=[*outcome.headers],
            partition=reject.partition,
            timestamp=reject.timestamp,
        )
    assert producer.flush(PATIENCE_SECONDS) == 0


def read_all(servers: str, topic: str, isolation: str = "read_committed") -> list[Message]:
    """The messages that stand in a topic now, of one partition in order; the committed ones unless told otherwise."""
    reading = {"group.id": "reader", "enable.auto.commit": False, "isolation.level": isolation, "fetch.wait.max.ms": 10}
    consumer = Consumer({"bootstrap.servers": servers, "enable.partition.eof": True, "log_level": 0, **reading})
    partitions = consumer.list_topics(timeout=PATIENCE_SECONDS).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    found, unread = [], len(partitions)
    while unread:
        message = consumer.poll(PATIENCE_SECONDS)
        assert message is not None
        unread -= message.error() is not None
        found += [] if message.error() else [message]
    consumer.close()
    return found


def contents(message: Message) -> Sent:
    """What a redrive must not change, and what it adds."""
    return message.key(), message.value(), [*(message.headers() or [])]  # type: ignore[return-value]
