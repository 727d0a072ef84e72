"""On a real Kafka every statement ends once, whatever happens to the worker."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from confluent_kafka import Message, Producer

from services.classifier.settings import DeliveryMode, Settings
from tests.services.classifier.checks import check
from tests.services.classifier.hostile import HOSTILE, body
from tests.services.classifier.running import FirstWordClassifier, Names, Topics, open_topics, running, started
from tests.services.classifier.test_health import eventually, get

KILLS = 2
PATIENCE_SECONDS = 60
MakeTopics = Callable[..., Names]


def settings_on(kafka: str, names: Names, **others: object) -> Settings:
    """Settings of an exactly-once service with topics and a group of the test's own."""
    chosen: dict[str, object] = {
        "bootstrap_servers": kafka,
        "group": names.statements,
        "instance": "worker-1",
        "statements_topic": names.statements,
        "results_topic": names.results,
        "rejects_topic": names.rejects,
        "delivery": DeliveryMode.EXACTLY_ONCE,
        "http_host": "127.0.0.1",
        "http_port": 0,
        "session_timeout_seconds": 6,
        "transaction_timeout_seconds": 10,
        "batch_size": 100,
        **others,
    }
    return Settings(**chosen)  # type: ignore[arg-type]


@contextmanager
def worker(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A worker as a process of its own, killed at the latest at the end."""
    variables = {f"COMMUNIQUE_{name.upper()}": str(value) for name, value in settings if value is not None}
    command = [sys.executable, "-m", "tests.kafka.slow_worker"]
    environment = {**os.environ, **variables}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


def good(number: int, partition: int = 0) -> dict[str, object]:
    """A statement without any fault."""
    return {"key": str(number).encode(), "value": body(statement_id=str(number)), "partition": partition}


def wait_until_holding(process: subprocess.Popen[str]) -> None:
    """Wait until a worker holds a transaction open with its results in Kafka."""
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    time.sleep(0.15)


def origins(messages: list[Message]) -> Counter[bytes]:
    """How often there is a result of each statement."""
    return Counter(dict(message.headers() or [])["ce_id"] for message in messages)


def read_all(topics: Topics, count: int) -> list[Message]:
    """That many outcomes, and what comes within a second after them."""
    found: list[Message] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count and time.monotonic() < deadline:
        found += topics.consumer.consume(count - len(found), 0.5)
    return found + topics.consumer.consume(count, 1)


def test_every_statement_ends_once(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics()
    with open_topics(kafka, names) as topics:
        topics.send(*(good(number, number % 3) for number in range(3000)))
        with running(settings_on(kafka, names), FirstWordClassifier()):
            results = read_all(topics, 3000)
    assert len(results) == 3000
    assert set(origins(results).values()) == {1}


def test_a_worker_that_comes_has_its_share_within_seconds(kafka: str, make_topics: MakeTopics) -> None:
    names, usual = make_topics(), {"session_timeout_seconds": 45}
    with running(settings_on(kafka, names, **usual), FirstWordClassifier()) as first:
        assert eventually(lambda: get(first, "/ready")[0] == 200)
        with running(settings_on(kafka, names, instance="worker-2", **usual), FirstWordClassifier()) as second:
            came = time.monotonic()
            assert eventually(lambda: get(second, "/ready")[0] == 200)
            assert time.monotonic() - came < 10


def test_kill_9_in_a_transaction_loses_nothing_and_doubles_nothing(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics()
    settings = settings_on(kafka, names)
    with open_topics(kafka, names) as topics, open_topics(kafka, names, "read_uncommitted") as uncommitted:
        topics.send(*(good(number, number % 3) for number in range(1000)))
        for _ in range(KILLS):
            with worker(settings) as process:
                wait_until_holding(process)
        with worker(settings):
            results = read_all(topics, 1000)
        copies = read_all(uncommitted, 1001)
    assert len(results) == 1000
    assert set(origins(results).values()) == {1}
    assert len(copies) > 1000, "no kill hit an open transaction, so nothing was tested"


def test_a_fenced_worker_exits_with_70_and_its_successor_goes_on(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics()
    settings = settings_on(kafka, names)
    with open_topics(kafka, names) as topics:
        with started(settings, FirstWordClassifier()) as (_, codes):
            topics.send(good(1))
            first = topics.outcomes(1)
            usurper = Producer({"bootstrap.servers": kafka, "transactional.id": f"{settings.group}-worker-1"})
            usurper.init_transactions(PATIENCE_SECONDS)
            topics.send(good(2))
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not codes and time.monotonic() < deadline:
                time.sleep(0.05)
            assert codes == [70]
        with running(settings, FirstWordClassifier()):
            second = topics.outcomes(1)
    assert [message.key() for message in first + second] == [b"1", b"2"]


def test_bad_messages_among_good_ones_end_in_exactly_one_topic_each(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics(partitions=1)
    mixed: list[dict[str, object]] = []
    for number, hostile in enumerate(HOSTILE):
        mixed += [{"key": hostile.key, "value": hostile.value, "headers": hostile.headers}, good(number)]
    with (
        open_topics(kafka, names) as topics,
        running(settings_on(kafka, names), FirstWordClassifier(poison="POISON")),
    ):
        topics.send(*mixed)
        outcomes = {offset_of(message): message for message in topics.outcomes(len(mixed))}
    for number, hostile in enumerate(HOSTILE):
        check(hostile, outcomes[2 * number], names)
        assert outcomes[2 * number + 1].topic() == names.results


def offset_of(outcome: Message) -> int:
    """The offset of the statement that an outcome is of."""
    headers = dict(outcome.headers() or [])
    if "ce_source" in headers:
        return int(headers["ce_id"].split(b"/")[-1])
    return int(headers["communique.origin.offset"])


def test_what_its_topic_does_not_take_is_rejected_and_holds_up_no_other(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics(partitions=1, results={"max.message.bytes": "5000"}, rejects={"max.message.bytes": "50000"})
    wide = {"key": b"wide", "value": body(title=os.urandom(4000).hex())}
    wider = {"key": b"wider", "value": b"{" + os.urandom(100_000)}
    with open_topics(kafka, names) as topics, running(settings_on(kafka, names), FirstWordClassifier()):
        topics.send(good(0), wide, good(2), wider, good(4))
        outcomes = {offset_of(message): message for message in topics.outcomes(5)}
    assert [outcomes[offset].topic() for offset in (0, 2, 4)] == [names.results] * 3
    assert (outcomes[1].topic(), outcomes[1].value()) == (names.rejects, wide["value"])
    assert dict(outcomes[1].headers() or [])["communique.reason"] == b"too_large"
    assert (outcomes[3].topic(), outcomes[3].value()) == (names.rejects, None)
    assert dict(outcomes[3].headers() or [])["communique.reason"] == b"too_large"
