"""Reads results and rejects as a subscriber does, and tells what was lost, doubled, out of order and hidden.

`python -m tests.faults.verifier BOOTSTRAP TOPIC…` hears `mark MILLISECONDS`, and says when every partition had a
result that was published after that; and `finish COUNT`, and says its findings once it has seen that many statements.
"""

import json
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from confluent_kafka import Consumer, Message, TopicPartition

from tests.faults.actors import say

PATIENCE_SECONDS = 60
"""Without anything new; what is not there by then is lost."""
SETTLE_SECONDS = 2
"""After the last statement, for copies that come late."""


@dataclass
class Findings:
    """What was seen of the statements, which are numbered."""

    copies: Counter[int] = field(default_factory=Counter)
    newest: dict[tuple[str, bytes], int] = field(default_factory=dict)
    out_of_order: int = 0

    def see(self, message: Message) -> None:
        """Note a result or reject."""
        number = int(json.loads(message.value() or b"")["statement_id"])
        place = (message.topic() or "", message.key() or b"")
        self.copies[number] += 1
        self.out_of_order += number < self.newest.get(place, -1)
        self.newest[place] = max(number, self.newest.get(place, -1))

    def summary(self, count: int) -> dict[str, int]:
        """The findings on statements 0 to count - 1."""
        return {
            "statements": count,
            "lost": sum(number not in self.copies for number in range(count)),
            "duplicated": self.copies.total() - len(self.copies),
            "out_of_order": self.out_of_order,
        }


class Verifier:
    """A subscriber that counts."""

    def __init__(self, bootstrap: str, topics: list[str]) -> None:
        """Read these topics, the results first, from their beginning."""
        self._bootstrap, self._results = bootstrap, topics[0]
        self._places = places(bootstrap, topics)
        self._reader = reader(bootstrap, self._places, "read_committed")
        self._findings = Findings()
        self._waiting: set[int] = set()
        self._mark = 0

    def run(self) -> None:
        """Read, and answer what standard input asks, until it asks for the findings."""
        questions: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=listen, args=(questions,), daemon=True).start()
        while True:
            self._read()
            with suppress(Empty):
                word, number = questions.get_nowait().split()
                if word == "finish":
                    say(**self._finish(int(number)))
                    return
                self._mark = int(number)
                self._waiting = {place.partition for place in self._places if place.topic == self._results}

    def _read(self) -> int:
        """Take what there is, and say when the last partition that was waited for is back."""
        messages = [message for message in self._reader.consume(500, 0.05) if message.error() is None]
        for message in messages:
            self._findings.see(message)
            if self._waiting and message.topic() == self._results and message.timestamp()[1] > self._mark:
                self._waiting.discard(message.partition() or 0)
                if not self._waiting:
                    say(recovered=time.time() - self._mark / 1000)
        return len(messages)

    def _finish(self, count: int) -> dict[str, int]:
        """Read until nothing is missing and nothing more comes, and compare with what readers of all see."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self._findings.copies) < count and time.monotonic() < deadline:
            if self._read():
                deadline = time.monotonic() + PATIENCE_SECONDS
        settled = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < settled:
            self._read()
        return {**self._findings.summary(count), "hidden": self._uncommitted() - self._findings.copies.total()}

    def _uncommitted(self) -> int:
        """How many results and rejects there are with those that were taken back."""
        everything = reader(self._bootstrap, self._places, "read_uncommitted")
        count, ended = 0, 0
        while ended < len(self._places):
            messages = everything.consume(1000, 1)
            ended += sum(message.error() is not None for message in messages)
            count += sum(message.error() is None for message in messages)
        everything.close()
        return count


def listen(questions: SimpleQueue[str]) -> None:
    """Put what standard input asks where it can wait."""
    for line in sys.stdin:
        questions.put(line)


def places(bootstrap: str, topics: list[str]) -> list[TopicPartition]:
    """Every partition of the topics."""
    found = Consumer({"bootstrap.servers": bootstrap, "group.id": "verifier"}).list_topics(timeout=30).topics
    return [TopicPartition(topic, number, 0) for topic in topics for number in found[topic].partitions]


def reader(bootstrap: str, partitions: list[TopicPartition], isolation: str) -> Consumer:
    """A consumer of these partitions from their beginning, which comes back quickly after a fault."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "verifier",
            "isolation.level": isolation,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": isolation == "read_uncommitted",
            "fetch.wait.max.ms": 50,
            "fetch.error.backoff.ms": 100,
            "reconnect.backoff.max.ms": 200,
            "topic.metadata.refresh.interval.ms": 1000,
            "log_level": 0,
        }
    )
    consumer.assign(partitions)
    return consumer


if __name__ == "__main__":
    Verifier(sys.argv[1], sys.argv[2:]).run()
