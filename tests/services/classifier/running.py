"""A running service, its topics as a sender and a subscriber see them, and a classifier whose labels are known."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, Producer, TopicPartition

from models.artifact import Artifact
from models.classifier import Classifier, Labels, SectorLabel, Span, StanceLabel
from models.taxonomy import Sector, Stance
from services.classifier.app import create_app
from services.classifier.service import Service
from services.classifier.settings import DeliveryMode, Settings

TOPICS = {"statements": 2, "statements.classified": 2, "statements.rejected": 1, "elsewhere": 1}
PATIENCE_SECONDS = 30
UNLOGGED = "words that no log may show"


@dataclass
class FirstWordClassifier:
    """Labels the first word as transport, and fails on texts with the word it is told."""

    poison: str = "\0never"
    sizes: list[int] = field(default_factory=list)

    def label(self, texts: Sequence[str]) -> list[Labels]:
        """The same labels for every text, with its first word as evidence."""
        self.sizes.append(len(texts))
        if any(self.poison in text for text in texts):
            raise ValueError(UNLOGGED)
        return [self._labels(text) for text in texts]

    def _labels(self, text: str) -> Labels:
        word = text.split(maxsplit=1)[0]
        start = text.index(word)
        evidence = (Span(start, start + len(word), word),)
        stance = StanceLabel(Stance.BALANCED, dict(zip(Stance, (0.1, 0.7, 0.1, 0.1), strict=True)), ())
        return Labels((SectorLabel(Sector.TRANSPORT, 0.91239, evidence),), stance, ())


def artifact_of(classifier: Classifier) -> Artifact:
    """An artefact around a classifier."""
    return Artifact(classifier=classifier, version="test", sha256="0" * 64)  # type: ignore[arg-type]


def settings_of(bootstrap_servers: str, **others: object) -> Settings:
    """Settings of a service on the embedded broker, with a free port."""
    chosen = {
        "delivery": DeliveryMode.AT_LEAST_ONCE,
        "http_host": "127.0.0.1",
        "http_port": 0,
        "batch_wait_seconds": 0.02,
        **others,
    }
    return Settings(bootstrap_servers=bootstrap_servers, **chosen)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Names:
    """What the topics are called."""

    statements: str = "statements"
    results: str = "statements.classified"
    rejects: str = "statements.rejected"


NAMES = Names()


@dataclass
class Topics:
    """The topics of a broker."""

    names: Names
    producer: Producer
    consumer: Consumer

    def send(self, *records: Mapping[str, object]) -> None:
        """Publish statements at once, in one partition so that they share a batch."""
        for record in records:
            self.producer.produce(self.names.statements, **{"partition": 0, **record})  # type: ignore[arg-type]
        assert self.producer.flush(PATIENCE_SECONDS) == 0

    def outcomes(self, count: int) -> list[Message]:
        """The next outcomes; a failure if there are fewer or more."""
        found: list[Message] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found) < count and time.monotonic() < deadline:
            found += self.consumer.consume(count - len(found), 0.1)
        found += self.consumer.consume(1, 0.1)
        assert len(found) == count, [message.key() for message in found]
        return found

    def length(self, topic: str) -> int:
        """How many messages a topic's first partition ever got."""
        return self.consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=PATIENCE_SECONDS)[1]


@contextmanager
def open_topics(bootstrap_servers: str, names: Names = NAMES, isolation: str = "read_committed") -> Iterator[Topics]:
    """The topics, with the outcomes read from their beginning."""
    common = {"bootstrap.servers": bootstrap_servers, "allow.auto.create.topics": False, "log_level": 0}
    producer = Producer({**common, "message.max.bytes": 50_000_000, "linger.ms": 20, "compression.type": "lz4"})
    reading = {"enable.auto.commit": False, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 10}
    consumer = Consumer({**common, **reading, "group.id": "subscriber", "isolation.level": isolation})
    found = consumer.list_topics(timeout=PATIENCE_SECONDS).topics
    outcomes = [(topic, partition) for topic in (names.results, names.rejects) for partition in found[topic].partitions]
    consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in outcomes])
    try:
        yield Topics(names, producer, consumer)
    finally:
        consumer.close()


@contextmanager
def running(settings: Settings, classifier: Classifier) -> Iterator[Service]:
    """A service that runs in a thread, and ends with exit code 0."""
    with started(settings, classifier) as (service, codes):
        yield service
    assert codes == [0]


@contextmanager
def started(settings: Settings, classifier: Classifier) -> Iterator[tuple[Service, list[int]]]:
    """A service that runs in a thread, and the exit code once it has one."""
    service = create_app(settings, artifact_of(classifier))
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(asyncio.run(service.serve())))
    thread.start()
    try:
        yield service, codes
    finally:
        service.exit()
        thread.join()
