"""What the commands share of Kafka: topics looked up, errors told."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from services.classifier import troubles
from services.classifier.settings import Settings
from services.classifier.troubles import Complaints
from services.cli.exits import ExitCode, fail

ANSWER_SECONDS = 10
"""A broker that runs answers at once; a connection refused is tried again for a while, for brokers that just start."""
COMPLAINT_SECONDS = 2
"""A client that a broker refuses, or finds none, complains within its first second."""
POLL_SECONDS = 0.5
"""How long a Ctrl-C may wait."""
SILENCE_SECONDS = 30
"""A broker that owes an answer and gives none for so long is gone."""
NOTHING_THERE = (KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET)
"""What a consumer says of a place where there is no message, with enable.partition.eof."""
QUIET = {"log_level": 1}
"""librdkafka's own lines on standard error would come between ours; what they tell is in the errors."""

FETCH_WAIT_MILLISECONDS = 20
"""How long the broker may hold back an answer: `watch` looks up a text for each result, `redrive` waits for the end."""


@contextmanager
def errors() -> Iterator[None]:
    """End the command where Kafka says what no trying again will mend."""
    try:
        yield
    except KafkaException as error:
        if error.args[0].code() == KafkaError._INVALID_ARG:  # a client could not be made: a certificate, a key
            fail(ExitCode.BAD_CONFIGURATION, f"the connection's settings: {error.args[0].str()}")
        fail(ExitCode.FATAL_KAFKA, f"Kafka: {error.args[0].str()}")


def reader(settings: Settings, group: str, others: Mapping[str, str | bool] | None = None) -> Consumer:
    """A reader of committed messages that commits nothing by itself, with other ways of a librdkafka client."""
    return Consumer(
        settings.client_config()
        | QUIET
        | {
            "group.id": group,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "error",
            "allow.auto.create.topics": False,
            "fetch.wait.max.ms": FETCH_WAIT_MILLISECONDS,
        }
        | dict(others or {})
    )


def find_topic(client: Producer | Consumer, settings: Settings, topic: str) -> list[int]:
    """The partitions of a topic, if the broker has it."""
    try:
        found = client.list_topics(timeout=ANSWER_SECONDS).topics.get(topic)  # naming the topic might create it
    except KafkaException as error:
        fail(
            ExitCode.FATAL_KAFKA,
            f"no answer from Kafka at {settings.bootstrap_servers} within {ANSWER_SECONDS} s "
            f"({_complaint(settings) or error.args[0].str()})",
        )
    if found is None or found.error is not None:
        fail(
            ExitCode.BAD_CONFIGURATION,
            f"Kafka at {settings.bootstrap_servers} has no topic {topic} that this user may see; create it, grant a "
            "right to it, or name another in COMMUNIQUE_STATEMENTS_TOPIC, COMMUNIQUE_RESULTS_TOPIC or "
            "COMMUNIQUE_REJECTS_TOPIC",
        )
    return list(found.partitions)


def poll(consumer: Consumer) -> Message | None:
    """The next message or word of where there is none, if it comes; raises KafkaException for what no client mends."""
    message = consumer.poll(POLL_SECONDS)
    if message is None or is_nothing(message) or (error := message.error()) is None:
        return message
    if error.fatal() or error.code() in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART):
        raise KafkaException(error)
    return None


def answers(consumer: Consumer, stopped: Callable[[], bool] = lambda: False) -> Iterator[Message]:
    """Messages, and word of where there are none, until stopped; raises KafkaException where no word comes."""
    heard = time.monotonic()
    while not stopped():
        message = poll(consumer)
        if message is not None:
            heard = time.monotonic()
            yield message
        elif time.monotonic() - heard > SILENCE_SECONDS:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"no answer for {SILENCE_SECONDS} s"))


def is_nothing(message: Message) -> bool:
    """Whether a message only says that there is none."""
    error = message.error()
    return error is not None and error.code() in NOTHING_THERE


def _complaint(settings: Settings) -> str | None:
    """Why no connection comes about, and what would help, as far as a client can tell."""
    complaints = Complaints()
    config: dict[str, Any] = settings.client_config() | QUIET | {"error_cb": complaints}
    client = AdminClient(config)
    deadline = time.monotonic() + COMPLAINT_SECONDS
    while not complaints.names_a_cause and time.monotonic() < deadline:
        client.poll(POLL_SECONDS)
    if complaints.last is None:
        return None
    trouble = troubles.of_connection(complaints.last)
    return f"{trouble}: {complaints.last.str()}; wanted: {troubles.wanted(trouble, settings)}"
