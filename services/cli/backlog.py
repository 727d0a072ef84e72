"""What stands in the rejects' topic, and where the redrives before have come."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from confluent_kafka import OFFSET_BEGINNING, KafkaException, Message, TopicPartition

from services.classifier.records import Record
from services.classifier.settings import Settings
from services.cli.kafka import ANSWER_SECONDS, answers, find_topic, is_nothing, reader
from services.cli.marks import Mark

MARKS_KEPT = timedelta(days=7)
"""Kafka forgets the offsets of a group that was not heard of for offsets.retention.minutes, by default so long."""


class Backlog:
    """The rejects, as the redrives' consumer group sees them."""

    def __init__(self, settings: Settings, group: str) -> None:
        """Connect; ends the command where there is no Kafka or no such topic."""
        self._topic = settings.rejects_topic
        self._marks_seconds = settings.transaction_timeout_seconds + ANSWER_SECONDS
        self.unread: set[int] = set()
        self.consumer = reader(settings, group, {"enable.partition.eof": True, "auto.offset.reset": "earliest"})
        self._places = [TopicPartition(self._topic, each) for each in find_topic(self.consumer, settings, self._topic)]

    def marks(self) -> dict[int, Mark] | None:
        """The mark of every partition; none where no redrive has left any. Waits for a transaction to end."""
        found = self.consumer.committed(self._places, self._marks_seconds)
        if fault := next((place.error for place in found if place.error), None):
            raise KafkaException(fault)
        if all(place.offset < 0 for place in found):
            return None
        return {each.partition: Mark() if each.offset < 0 else Mark.read(each.offset, each.metadata) for each in found}

    def no_marks(self) -> dict[int, Mark]:
        """The marks of every partition before any redrive."""
        return {place.partition: Mark() for place in self._places}

    def offsets(self, marks: Mapping[int, Mark]) -> list[TopicPartition]:
        """What is committed for marks."""
        return [TopicPartition(self._topic, each, mark.offset, mark.text) for each, mark in marks.items()]

    def ends(self) -> dict[int, int]:
        """Behind which offset nothing is committed yet, by partition."""
        return {
            each.partition: self.consumer.get_watermark_offsets(each, timeout=ANSWER_SECONDS)[1]
            for each in self._places
        }

    def outlives_marks(self) -> bool:
        """Whether there are rejects so old that Kafka may have forgotten the marks of their redrive."""
        kept_since = (datetime.now(UTC) - MARKS_KEPT).timestamp() * 1000
        oldest: dict[int | None, Message] = {}
        self.consumer.assign([TopicPartition(self._topic, place.partition, OFFSET_BEGINNING) for place in self._places])
        for message in answers(self.consumer, lambda: len(oldest) == len(self._places)):
            oldest[message.partition()] = message
            self._read_no_further(message)
        return any(not is_nothing(each) and each.timestamp()[1] < kept_since for each in oldest.values())

    def records(
        self, starts: Mapping[int, int], ends: Mapping[int, int], stopped: Callable[[], bool]
    ) -> Iterator[Record]:
        """The rejects from the starts to the ends, until stopped; partitions not read to the end stay in `unread`."""
        self.unread = {each for each, end in ends.items() if starts[each] < end}
        self.consumer.assign([TopicPartition(self._topic, each, starts[each]) for each in self.unread])
        for message in answers(self.consumer, lambda: not self.unread or stopped()):
            partition, offset = int(message.partition() or 0), int(message.offset() or 0)
            if offset < ends[partition] and not is_nothing(message):
                yield Record.of(message)
            if offset >= ends[partition] - 1:
                self.unread.discard(partition)
                self._read_no_further(message)

    def close(self) -> None:
        """Let go of the broker."""
        self.consumer.close()

    def _read_no_further(self, message: Message) -> None:
        """Let go of the message's partition: what comes there would pass for word from those that are silent."""
        self.consumer.incremental_unassign([TopicPartition(self._topic, int(message.partition() or 0))])
