"""A Kafka message as it came, and what is published for it: a result or a reject."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import methodcaller

from confluent_kafka import Message

from models.classifier import Labels
from services.classifier import cloudevents
from services.classifier.cloudevents import Headers
from services.classifier.events import ClassifiedStatement, Fault, Origin, RejectReason
from services.classifier.rejection import ATTEMPT, Rejection, without_rejection

ATTEMPTS_MAX_DIGITS = 3
"""More digits than any number of attempts that `communique redrive` allows."""

_read_headers = methodcaller("headers")
"""Not `message.headers()`: once Python has specialised that call, it overlooks the error and crashes on the result."""


@dataclass(frozen=True, slots=True)
class Record:
    """A message of the statements' topic, its bytes untouched; `timestamp` is Kafka's, in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @classmethod
    def of(cls, message: Message) -> "Record":
        """The record in a message that carries no error."""
        return cls(
            topic=str(message.topic()),
            partition=int(message.partition() or 0),
            offset=int(message.offset() or 0),
            timestamp=message.timestamp()[1],
            key=_bytes(message.key()),
            value=_bytes(message.value()),
            headers=_headers(message),
        )

    @property
    def origin(self) -> Origin:
        """Where the record was read."""
        return Origin(topic=self.topic, partition=self.partition, offset=self.offset)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is published for a record; `labels` or `fault` says why."""

    record: Record
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | str | None]]
    labels: Labels | None = None
    fault: Fault | None = None


def classified(record: Record, event: ClassifiedStatement, labels: Labels, topic: str, source: str) -> Outcome:
    """The result of a statement, keyed as the statement was."""
    ce_id = f"{record.topic}/{record.partition}/{record.offset}"
    traces = cloudevents.traces(record.value, record.headers)
    headers = cloudevents.binary_headers(event.ce_type, ce_id, source, event.classified_at, traces)
    key = record.key if record.key is not None else event.statement_id.encode()
    return Outcome(record, topic, key, event.to_json(), headers, labels=labels)


def rejected(record: Record, fault: Fault, topic: str) -> Outcome:
    """The record as it came, with the reason behind its own headers, where readers of the last one find it."""
    headers = [*record.headers, *_reject_headers(record, fault)]
    return Outcome(record, topic, record.key, record.value, headers, fault=fault)


def without_contents(reject: Outcome) -> Outcome:
    """A reject that tells only where its record stands, for a topic that takes nothing so large."""
    fault = Fault(RejectReason.TOO_LARGE, "larger than the rejects' topic takes; it stands at its origin")
    return replace(reject, key=None, value=None, headers=_reject_headers(reject.record, fault), fault=fault)


def at_most(result: Outcome, size: int, rejects_topic: str) -> Outcome:
    """The result, or the reject of its record if the result has more bytes."""
    found = len(result.value or b"")
    if found <= size:
        return result
    return rejected(result.record, Fault(RejectReason.TOO_LARGE, f"the result has {found} bytes"), rejects_topic)


def restored(reject: Record, attempts: int, topic: str) -> Outcome:
    """The record of a reject as it came before, with the number of its attempts behind its own headers."""
    return again(replace(reject, headers=without_rejection(reject.headers)), attempts, topic)


def again(record: Record, attempts: int, topic: str) -> Outcome:
    """A record to label anew, with the number of its attempts behind its own headers."""
    return Outcome(record, topic, record.key, record.value, [*record.headers, (ATTEMPT, str(attempts).encode())])


def _reject_headers(record: Record, fault: Fault) -> list[tuple[str, bytes]]:
    """Why and where a record was rejected."""
    return Rejection(
        reason=fault.reason,
        error=fault.error,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        attempt=_attempts(record.headers) + 1,
    ).headers()


def _attempts(headers: Headers) -> int:
    """How often the record was rejected before, by its own word; a sender's nonsense counts as never."""
    text = cloudevents.last(headers, ATTEMPT) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ATTEMPTS_MAX_DIGITS else 0


def _bytes(part: str | bytes | None) -> bytes | None:
    """A key's or value's bytes."""
    return part.encode() if isinstance(part, str) else part


def _headers(message: Message) -> Headers:
    """The headers of a message, or none where a header's name is not UTF-8."""
    try:
        headers = _read_headers(message) or ()
    except SystemError:
        # confluent-kafka cannot decode such a name, and crashes if it is asked for the headers again.
        return ()
    return list(headers.items()) if isinstance(headers, dict) else headers


def first_offsets(outcomes: Sequence[Outcome]) -> dict[tuple[str, int], int]:
    """The lowest offset of each topic's partition."""
    return {(one.record.topic, one.record.partition): one.record.offset for one in reversed(outcomes)}


def next_offsets(outcomes: Sequence[Outcome]) -> dict[tuple[str, int], int]:
    """The offset behind the highest of each topic's partition."""
    return {(one.record.topic, one.record.partition): one.record.offset + 1 for one in outcomes}


def age_seconds(record: Record, now: datetime) -> float:
    """How long ago the record was written."""
    return max(0.0, now.timestamp() - record.timestamp / 1000)
