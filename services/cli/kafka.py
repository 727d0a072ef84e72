"""What the commands share of Kafka: topics looked up, errors told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
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
QUIET = {"log_level": 1}
"""librdkafka's own lines on standard error would come between ours; what they tell is in the errors."""


@contextmanager
def errors() -> Iterator[None]:
    """End the command where Kafka says what no trying again will mend."""
    try:
        yield
    except KafkaException as error:
        if error.args[0].code() == KafkaError._INVALID_ARG:  # a client could not be made: a certificate, a key
            fail(ExitCode.BAD_CONFIGURATION, f"the connection's settings: {error.args[0].str()}")
        fail(ExitCode.FATAL_KAFKA, f"Kafka: {error.args[0].str()}")


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


def _complaint(settings: Settings) -> str | None:
    """Why no connection comes about, and what would help, as far as a client can tell."""
    complaints = Complaints()
    config: dict[str, Any] = settings.client_config() | QUIET | {"error_cb": complaints}
    client = AdminClient(config)
    deadline = time.monotonic() + COMPLAINT_SECONDS
    while not complaints.tell_why and time.monotonic() < deadline:
        client.poll(POLL_SECONDS)
    if complaints.last is None:
        return None
    trouble = troubles.of_connection(complaints.last)
    return f"{trouble}: {complaints.last.str()}; wanted: {troubles.wanted(trouble, settings)}"
