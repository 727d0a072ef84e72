"""Events followed in Kafka, and the statements that they come from."""

from collections.abc import Callable, Iterator, Sequence

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, KafkaException, TopicPartition

from services.classifier.events import Origin, Statement, read_statement
from services.classifier.records import Record
from services.classifier.settings import Settings
from services.cli.kafka import find_topic, poll, reader

TEXT_SECONDS = 2
"""Of a statement that Kafka no longer has, no word may come."""


def follow(
    settings: Settings, topics: Sequence[str], *, from_beginning: bool, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Record]:
    """The committed records of topics as they come, until stopped."""
    consumer = reader(settings, f"{settings.group}-watch", {"auto.offset.reset": "earliest"})
    try:
        offset = OFFSET_BEGINNING if from_beginning else OFFSET_END
        places = [(topic, partition) for topic in topics for partition in find_topic(consumer, settings, topic)]
        consumer.assign([TopicPartition(topic, partition, offset) for topic, partition in places])
        while not stopped():
            if (message := poll(consumer)) is not None:
                yield Record.of(message)
    finally:
        consumer.close()


class Originals:
    """The statements that results come from, as long as Kafka keeps them; no other topic is read for a result."""

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.statements_topic
        self._consumer = reader(settings, f"{settings.group}-watch")

    def text_of(self, origin: Origin | None) -> str | None:
        """The text that stands where a result was read from; none where it cannot be had."""
        if origin is None or origin.topic != self._topic:
            return None
        try:
            self._consumer.assign([TopicPartition(origin.topic, origin.partition, origin.offset)])
        except (OverflowError, KafkaException):  # a foreign result may name what is no place
            return None
        message = self._consumer.poll(TEXT_SECONDS)
        if message is None or message.error() or message.offset() != origin.offset:
            return None
        record = Record.of(message)
        statement = read_statement(record.value, record.headers)
        return statement.text if isinstance(statement, Statement) else None

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()
