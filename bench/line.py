"""Both ends of what is measured: statements are sent by their number, and their results read by it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from bench import workload
from bench.peers.place import Place
from bench.roster import Peer
from tests.kafka import node

PARTITIONS = 4
PATIENCE_SECONDS = 30
READ_AT_ONCE = 1000


@dataclass(frozen=True)
class Arrival:
    """A result: its statement's number, its value, and when it was read."""

    number: int
    value: bytes
    at: float


@dataclass
class Line:
    """The topics of one measurement."""

    place: Place
    peer: Peer
    producer: Producer
    consumer: Consumer
    sent: int = 0
    answered: int = 0
    read_at: float = 0.0
    texts: Iterator[str] = field(default_factory=workload.texts)

    def send(self, count: int = 1) -> None:
        """Send the next statements, spread evenly over the partitions."""
        for text in islice(self.texts, count):
            self.producer.produce(
                self.place.statements,
                self.peer.encode(self.sent, text),
                str(self.sent).encode(),
                partition=self.sent % PARTITIONS,
                headers=list(self.peer.headers),
            )
            self.sent += 1
        self.producer.poll(0)

    def read(self, seconds: float) -> list[Arrival]:
        """The results that come within this time, or sooner once there are many."""
        messages = self.consumer.consume(READ_AT_ONCE, seconds)
        at = time.time()
        arrivals = [Arrival(int(one.key() or b"-1"), one.value() or b"", at) for one in messages if not one.error()]
        if arrivals:
            self.answered, self.read_at = self.answered + len(arrivals), at
        return arrivals


@contextmanager
def opened(servers: str, peer: Peer, workers: int, ports: tuple[int, ...], folder: str) -> Iterator[Line]:
    """Topics of a measurement's own, with results read as soon as they are committed."""
    names = node.unique_names()
    topics = [names.statements, names.results, names.rejects]
    node.make_topics(servers, {name: {} for name in topics}, PARTITIONS)
    place = Place(servers, names.statements, names.results, names.rejects, 0, workers, ports, folder)
    common: dict[str, str | int | float | bool] = {"bootstrap.servers": servers, "log_level": 0}
    queueing = {"linger.ms": 1, "queue.buffering.max.messages": 1_000_000, "compression.type": "lz4"}
    reading = {"group.id": "bench", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    consumer = Consumer({**common, **reading, "isolation.level": "read_committed", "fetch.wait.max.ms": 50})
    consumer.assign([TopicPartition(place.results, partition, 0) for partition in range(PARTITIONS)])
    try:
        yield Line(place, peer, Producer({**common, **queueing}), consumer)
    finally:
        consumer.close()
        admin = AdminClient(common)
        for gone in admin.delete_topics(topics).values():
            gone.result(PATIENCE_SECONDS)
