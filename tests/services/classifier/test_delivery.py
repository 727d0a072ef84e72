"""Nothing is committed that is not delivered, and nothing fatal is survived."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from unittest.mock import AsyncMock, Mock

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from faststream.confluent import KafkaBroker
from prometheus_client import CollectorRegistry

from services.classifier import access, delivery, parts, publisher, records
from services.classifier.at_least_once import AtLeastOnce
from services.classifier.delivery import Delivery
from services.classifier.events import Fault, Model, RejectReason
from services.classifier.exactly_once import ExactlyOnce
from services.classifier.health import Health
from services.classifier.metrics import Metrics
from services.classifier.publisher import FatalDeliveryError, TooLargeError, UndeliveredError
from services.classifier.records import Outcome, Record
from services.classifier.settings import Settings
from tests.services.classifier.hostile import body
from tests.services.classifier.running import (
    PATIENCE_SECONDS,
    FirstWordClassifier,
    Topics,
    running,
    settings_of,
    started,
)
from tests.services.classifier.test_health import eventually

Script = dict[str, list[KafkaError]]


def outcome(offset: int, partition: int = 0, size: int = 10) -> Outcome:
    """A result of a record at that place."""
    record = Record("statements", partition, offset, 1_700_000_000_000, b"key", b"value", ())
    return Outcome(record, "statements.classified", b"key", b"x" * size, ())


@pytest.fixture
def consumer(broker: str) -> Iterator[Consumer]:
    """A member of the group that has been given all partitions."""
    joined: list[TopicPartition] = []
    group = {"group.id": "communique", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    member = Consumer({"bootstrap.servers": broker, "allow.auto.create.topics": False, "log_level": 0, **group})
    member.subscribe(["statements"], on_assign=lambda _, partitions: joined.extend(partitions))
    while len(joined) < 2:
        member.poll(0.05)
    yield member
    member.close()


@pytest.fixture
def onlooker(broker: str) -> Iterator[Consumer]:
    """One who sees the group's offsets without being a member."""
    looking = Consumer({"bootstrap.servers": broker, "group.id": "communique", "log_level": 0})
    yield looking
    looking.close()


@pytest.fixture
def metrics() -> Metrics:
    """Metrics of their own."""
    return Metrics(CollectorRegistry(), Model(version="test", sha256="0"))


def committed(consumer: Consumer, partition: int = 0) -> int:
    """Where the group goes on; -1001 if nowhere yet."""
    (place,) = consumer.committed([TopicPartition("statements", partition)], timeout=PATIENCE_SECONDS)
    return place.offset


def test_the_offsets_committed_are_those_of_the_batch(broker: str, consumer: Consumer, topics: Topics) -> None:
    topics.send(*({"value": body()} for _ in range(10)))
    while consumer.position([TopicPartition("statements", 0)])[0].offset != 10:
        consumer.poll(0.05)
    AtLeastOnce(settings_of(broker)).deliver([outcome(3), outcome(4), outcome(0, partition=1)], consumer)
    assert (committed(consumer, 0), committed(consumer, 1)) == (5, 1)


def test_nothing_is_committed_if_the_results_are_not_delivered(consumer: Consumer) -> None:
    no_kafka = settings_of("127.0.0.1:1", transaction_timeout_seconds=1)
    with pytest.raises(UndeliveredError):
        AtLeastOnce(no_kafka).deliver([outcome(2), outcome(3)], consumer)
    assert committed(consumer) == -1001


@dataclass
class FailingDelivery:
    """Fails as told before it delivers."""

    delivery: Delivery
    errors: list[Exception]

    def prepare(self) -> bool:
        """There is nothing to do."""
        return True

    def deliver(self, outcomes: Sequence[Outcome], consumer: Consumer) -> None:
        """Fail, or deliver once there are no more errors."""
        if self.errors:
            raise self.errors.pop(0)
        self.delivery.deliver(outcomes, consumer)


@pytest.fixture
def fail_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the next services fail to deliver with these errors first."""
    create = delivery.create

    def fail(*errors: Exception) -> None:
        monkeypatch.setattr(delivery, "create", lambda settings: FailingDelivery(create(settings), [*errors]))

    return fail


def test_a_batch_that_kafka_did_not_take_is_read_again(
    broker: str, topics: Topics, first_word: FirstWordClassifier, fail_with: Callable[..., None]
) -> None:
    fail_with(*(UndeliveredError("no") for _ in range(2 * parts.TRIES)))
    topics.send(*({"key": b"same", "value": body(statement_id=str(number))} for number in range(20)))
    with running(settings_of(broker, batch_size=7), first_word):
        outcomes = topics.outcomes(20)
    assert [message.headers()[1][1] for message in outcomes] == [f"statements/0/{n}".encode() for n in range(20)]


@pytest.mark.parametrize("error", [FatalDeliveryError("fenced"), RuntimeError("a fault of ours")], ids=repr)
def test_a_fatal_error_ends_the_service_with_70_and_commits_nothing_more(
    broker: str,
    topics: Topics,
    first_word: FirstWordClassifier,
    fail_with: Callable[..., None],
    onlooker: Consumer,
    error: Exception,
) -> None:
    fail_with(error)
    topics.send(*({"value": body(statement_id=str(number))} for number in range(20)))
    with started(settings_of(broker, batch_size=5), first_word) as (_, codes):
        assert eventually(lambda: codes == [70])
    assert topics.outcomes(0) == []
    assert committed(onlooker) == -1001


def test_a_batch_that_cannot_be_read_ends_the_service_with_70_and_commits_nothing(
    broker: str,
    topics: Topics,
    first_word: FirstWordClassifier,
    onlooker: Consumer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Record, "of", Mock(side_effect=RuntimeError("a fault of ours")))
    topics.send(*({"value": body(statement_id=str(number))} for number in range(9)))
    with started(settings_of(broker, batch_size=3), first_word) as (_, codes):
        assert eventually(lambda: codes == [70])
    assert committed(onlooker) == -1001


def test_a_consumer_that_never_reads_its_partitions_ends_the_service_with_70(
    broker: str, first_word: FirstWordClassifier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(access, "PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(access, "STALLED_SECONDS", -1)
    monkeypatch.setattr(Health, "is_stalled", lambda _: True)
    with started(settings_of(broker, transaction_timeout_seconds=1), first_word) as (_, codes):
        assert eventually(lambda: codes == [70])
    (fatal,) = (record for record in caplog.records if record.levelname == "CRITICAL")
    assert "does not read them" in fatal.error  # type: ignore[attr-defined]


def test_a_broker_that_cannot_be_started_ends_the_service_with_70(
    broker: str, first_word: FirstWordClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KafkaBroker, "start", AsyncMock(side_effect=RuntimeError("a setting that librdkafka refuses")))
    with started(settings_of(broker), first_word) as (_, codes):
        assert eventually(lambda: codes == [70])


@dataclass
class NarrowTopics:
    """Takes nothing above a size, as a topic with a low max.message.bytes."""

    limit: int
    delivered: list[Outcome] = field(default_factory=list)

    def prepare(self) -> bool:
        """There is nothing to do."""
        return True

    def deliver(self, outcomes: Sequence[Outcome], _: Consumer) -> None:
        """Take all, or nothing if one is too large."""
        if any(size_of(one) > self.limit for one in outcomes):
            raise TooLargeError
        self.delivered += outcomes


def size_of(outcome: Outcome) -> int:
    """Bytes of an outcome, but for what says where its record stands."""
    own = [value or b"" for name, value in outcome.headers if not name.startswith("communique.")]
    return len(outcome.key or b"") + len(outcome.value or b"") + sum(map(len, own))


def test_what_is_too_large_for_its_topic_is_rejected_and_spoils_no_other(consumer: Consumer, metrics: Metrics) -> None:
    narrow = NarrowTopics(limit=100)
    batch = [outcome(offset, size=1000 if offset == 5 else 10) for offset in range(9)]
    parts.deliver(narrow, batch, consumer, "statements.rejected", metrics)
    assert [one.record.offset for one in narrow.delivered] == list(range(9))
    ends = [one.fault.reason if one.fault else None for one in narrow.delivered]
    assert ends == [RejectReason.TOO_LARGE if offset == 5 else None for offset in range(9)]
    assert narrow.delivered[5].value == b"value"


def test_a_delivery_that_fails_once_is_tried_again_before_anything_is_read_again(
    consumer: Consumer, metrics: Metrics
) -> None:
    narrow = NarrowTopics(limit=100)
    failing = FailingDelivery(narrow, [TooLargeError(), UndeliveredError("out of order"), UndeliveredError("again")])
    parts.deliver(failing, [outcome(0), outcome(1)], consumer, "statements.rejected", metrics)
    assert [one.record.offset for one in narrow.delivered] == [0, 1]


@pytest.mark.parametrize(
    ("key", "value", "headers"),
    [(b"key", b"x" * 1000, [("x", b"1")]), (b"k" * 1000, None, []), (None, None, [("x", b"1" * 1000)])],
    ids=["value", "key", "header"],
)
def test_a_reject_too_large_for_its_topic_goes_without_contents(
    consumer: Consumer, metrics: Metrics, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    narrow = NarrowTopics(limit=100)
    record = Record("statements", 0, 7, 1_700_000_000_000, key, value, headers)
    reject = records.rejected(record, Fault(RejectReason.NOT_JSON, "no"), "statements.rejected")
    parts.deliver(narrow, [reject], consumer, "statements.rejected", metrics)
    (delivered,) = narrow.delivered
    assert (delivered.key, delivered.value) == (None, None)
    assert dict(delivered.headers)["communique.origin.offset"] == b"7"
    assert "x" not in dict(delivered.headers)


def test_a_topic_that_takes_not_even_that_is_fatal(consumer: Consumer, metrics: Metrics) -> None:
    reject = records.rejected(outcome(0).record, Fault(RejectReason.NOT_JSON, "no"), "statements.rejected")
    with pytest.raises(FatalDeliveryError):
        parts.deliver(NarrowTopics(limit=-1), [reject], consumer, "statements.rejected", metrics)


class ScriptedProducer:
    """A transactional producer whose calls fail as a script says."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: self._call(name)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.script.get(name):
            raise KafkaException(self.script[name].pop(0))


def scripted(
    broker: str, script: Script, monkeypatch: pytest.MonkeyPatch, *, replaceable: bool = True
) -> tuple[ExactlyOnce, ScriptedProducer]:
    """A transactional delivery with such a producer."""
    producer = ScriptedProducer(script)
    monkeypatch.setattr(publisher, "Producer", lambda *_, **__: producer)
    monkeypatch.setattr("services.classifier.exactly_once.PAUSE_SECONDS", 0)
    return ExactlyOnce(settings_of(broker), replaceable=replaceable), producer


RETRIABLE = KafkaError(KafkaError._TIMED_OUT, "again", False, True, False)
ABORTABLE = KafkaError(KafkaError.ILLEGAL_GENERATION, "abort", False, False, True)
STATE = KafkaError(KafkaError._STATE, "not in a transaction", False, False, False)
FATAL = KafkaError(KafkaError._FENCED, "fenced", True, False, False)
TRANSACTION = ["begin_transaction", "produce", "send_offsets_to_transaction", "commit_transaction"]


@pytest.mark.parametrize("call", ["init_transactions", "send_offsets_to_transaction", "commit_transaction"])
def test_a_call_that_can_be_made_again_is(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    exactly_once, producer = scripted(broker, {call: [RETRIABLE, RETRIABLE]}, monkeypatch)
    exactly_once.deliver([outcome(0)], consumer)
    assert producer.calls.count(call) == 3
    assert list(dict.fromkeys(producer.calls)) == ["init_transactions", *TRANSACTION]


@pytest.mark.parametrize(
    ("call", "error"),
    [("send_offsets_to_transaction", ABORTABLE), ("commit_transaction", ABORTABLE), ("produce", STATE)],
)
def test_a_transaction_that_cannot_be_committed_is_aborted_and_the_next_one_begins_anew(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch, call: str, error: KafkaError
) -> None:
    exactly_once, producer = scripted(broker, {call: [error]}, monkeypatch)
    with pytest.raises(UndeliveredError, match=f"^{error.str()}$"):
        exactly_once.deliver([outcome(0)], consumer)
    assert producer.calls[-1] == "abort_transaction"
    producer.calls.clear()
    exactly_once.deliver([outcome(0)], consumer)
    assert producer.calls == TRANSACTION


def test_a_producer_that_kafka_kept_waiting_makes_room_for_a_new_one(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    exactly_once, producer = scripted(broker, {"commit_transaction": [RETRIABLE]}, monkeypatch)
    for _ in range(3):
        exactly_once.deliver([outcome(0)], consumer)
    starts = [number for number, call in enumerate(producer.calls) if call == "begin_transaction"]
    assert [producer.calls[number - 1] for number in starts] == [
        "init_transactions",
        "init_transactions",
        "commit_transaction",
    ]


@pytest.mark.parametrize(
    "script",
    [
        {"init_transactions": [FATAL]},
        {"commit_transaction": [FATAL]},
        {"produce": [STATE], "abort_transaction": [FATAL]},
    ],
    ids=str,
)
def test_a_fatal_error_is_never_tried_again(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch, script: Script
) -> None:
    exactly_once, producer = scripted(broker, script, monkeypatch)
    last = list(script)[-1]
    with pytest.raises(FatalDeliveryError, match=r"^fenced$"):
        exactly_once.deliver([outcome(0)], consumer)
    assert producer.calls[-1] == last
    assert producer.calls.count(last) == 1


def test_the_transactional_id_is_the_instances_own(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configs: list[dict[str, object]] = []
    monkeypatch.setattr(publisher, "Producer", lambda config, **_: configs.append(config))
    settings = Settings(bootstrap_servers=broker, group="g", instance="worker-3", transaction_timeout_seconds=10)
    ExactlyOnce(settings)
    (config,) = configs
    assert config["transactional.id"] == "g-worker-3"
    assert config["transaction.timeout.ms"] == 10_000
    assert config["delivery.timeout.ms"] < config["transaction.timeout.ms"]


def test_kafka_that_asks_for_ever_to_try_again_ends_the_process(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    exactly_once, _ = scripted(broker, {"commit_transaction": [RETRIABLE] * 3}, monkeypatch)
    monkeypatch.setattr("services.classifier.exactly_once.PATIENCE_SECONDS", -1)
    with pytest.raises(FatalDeliveryError):
        exactly_once.deliver([outcome(0)], consumer)


def test_a_producer_that_hangs_makes_room_for_a_new_one_of_the_same_name(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    exactly_once, producer = scripted(broker, {}, monkeypatch)
    returned = threading.Event()
    monkeypatch.setattr(producer, "send_offsets_to_transaction", lambda *_: returned.wait(), raising=False)
    monkeypatch.setattr("services.classifier.exactly_once.HANGING_SECONDS", 0.05)
    successor = ScriptedProducer({})
    monkeypatch.setattr(publisher, "Producer", lambda *_, **__: successor)
    with pytest.raises(UndeliveredError):
        exactly_once.deliver([outcome(0)], consumer)
    exactly_once.deliver([outcome(0)], consumer)
    returned.set()
    assert successor.calls == ["init_transactions", *TRANSACTION]


def test_a_producer_that_is_not_replaceable_goes_on_after_a_call_that_was_made_again(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    exactly_once, producer = scripted(broker, {"commit_transaction": [RETRIABLE]}, monkeypatch, replaceable=False)
    for _ in range(2):
        exactly_once.deliver([outcome(0)], consumer)
    assert producer.calls == ["init_transactions", *TRANSACTION, "commit_transaction", *TRANSACTION]


def test_a_producer_that_is_not_replaceable_ends_where_it_hangs(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    exactly_once, producer = scripted(broker, {}, monkeypatch, replaceable=False)
    returned = threading.Event()
    monkeypatch.setattr(producer, "send_offsets_to_transaction", lambda *_: returned.wait(), raising=False)
    monkeypatch.setattr("services.classifier.exactly_once.HANGING_SECONDS", 0.05)
    with pytest.raises(FatalDeliveryError, match="no answer"):
        exactly_once.deliver([outcome(0)], consumer)
    returned.set()


def test_the_instances_name_is_taken_over_before_the_first_batch_and_once(
    broker: str, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    exactly_once, producer = scripted(broker, {"init_transactions": [RETRIABLE]}, monkeypatch)
    assert [exactly_once.prepare() for _ in range(3)] == [False, True, True]
    exactly_once.deliver([outcome(0)], consumer)
    assert producer.calls == ["init_transactions", "init_transactions", *TRANSACTION]
