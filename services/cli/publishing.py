"""Statements sent to Kafka, and what the broker says of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from confluent_kafka import KafkaError, Message, Producer

from services.classifier import cloudevents
from services.classifier.events import Statement
from services.classifier.publisher import MESSAGE_MAX_BYTES
from services.classifier.settings import Settings
from services.cli.kafka import POLL_SECONDS, QUIET, find_topic

DELIVERY_SECONDS = 30
"""As long as a broker may take to come back before a statement counts as not delivered."""
SOURCE = "/communique/send"


@dataclass
class Deliveries:
    """What the broker said of the statements sent."""

    delivered: int = 0
    failures: list[str] = field(default_factory=list)

    def note(self, error: KafkaError | None, message: Message) -> None:
        """Take down the broker's report on one statement."""
        if error is None:
            self.delivered += 1
        else:
            key = message.key()
            name = key.decode(errors="replace") if isinstance(key, bytes) else str(key)
            self.failures.append(f"{name}: not delivered: {error.str()}")


class Publisher:
    """Sends statements to the topic of the settings, in order, each once."""

    def __init__(self, settings: Settings) -> None:
        self.deliveries = Deliveries()
        self._topic = settings.statements_topic
        config = {
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "message.max.bytes": MESSAGE_MAX_BYTES,
            "message.timeout.ms": DELIVERY_SECONDS * 1000,
        }
        self._producer = Producer(settings.client_config() | QUIET | config)
        find_topic(self._producer, settings, self._topic)

    def send(self, statement: Statement) -> None:
        """Queue a statement, waiting where the queue is full."""
        event = cloudevents.binary_headers(
            Statement.ce_type, statement.statement_id, SOURCE, datetime.now(UTC), traces={}
        )
        headers: list[tuple[str, str | bytes | None]] = [*event]
        value = statement.model_dump_json(exclude_none=True).encode()
        while True:
            try:
                self._producer.produce(
                    self._topic, value, statement.statement_id, headers=headers, on_delivery=self.deliveries.note
                )
            except BufferError:
                self._producer.poll(POLL_SECONDS)
            else:
                self._producer.poll(0)
                return

    def finish(self) -> Deliveries:
        """Wait until the broker has said of every statement whether it has it."""
        self._producer.flush()
        return self.deliveries


def publish(settings: Settings, statements: Iterable[Statement]) -> Deliveries:
    """Send statements, and give the broker's word on them."""
    publisher = Publisher(settings)
    for statement in statements:
        publisher.send(statement)
    return publisher.finish()
