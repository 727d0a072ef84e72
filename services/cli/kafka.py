"""What `send`, `watch` and `demo` share of Kafka: topics looked up, errors told."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaException, Producer

from services.classifier.settings import Settings
from services.cli.exits import ExitCode, fail

ANSWER_SECONDS = 10
"""A broker that runs answers at once; a connection refused is tried again for a while, for brokers that just start."""
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
        fail(ExitCode.FATAL_KAFKA, f"Kafka: {error.args[0].str()}")


def find_topic(client: Producer | Consumer, settings: Settings, topic: str) -> list[int]:
    """The partitions of a topic, if the broker has it."""
    try:
        found = client.list_topics(timeout=ANSWER_SECONDS).topics.get(topic)  # naming the topic might create it
    except KafkaException as error:
        fail(
            ExitCode.FATAL_KAFKA,
            f"no answer from Kafka at {settings.bootstrap_servers} within {ANSWER_SECONDS} s ({error.args[0].str()}); "
            "is it running, and is COMMUNIQUE_BOOTSTRAP_SERVERS right?",
        )
    if found is None or found.error is not None:
        fail(
            ExitCode.BAD_CONFIGURATION,
            f"Kafka at {settings.bootstrap_servers} has no topic {topic}; create it, or name "
            "another in COMMUNIQUE_STATEMENTS_TOPIC, COMMUNIQUE_RESULTS_TOPIC or COMMUNIQUE_REJECTS_TOPIC",
        )
    return list(found.partitions)
