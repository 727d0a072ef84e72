"""Whether Kafka lets this worker read as its consumer group.

The admin client could ask for a group's rights too, but in librdkafka 2.16 that question ends the whole process when
the connection breaks at the wrong moment (its issue 4605). A consumer that joins nothing can ask for offsets instead.
"""

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from services.classifier.settings import Settings


class Membership:
    """A consumer that only looks."""

    def __init__(self, settings: Settings) -> None:
        """Connect in the background."""
        self._place = TopicPartition(settings.statements_topic, 0)
        config = {"group.id": settings.group, "enable.auto.commit": False, "log_level": 1}
        self._consumer = Consumer(settings.client_config() | config)
        self._denied = False

    def is_denied(self, answer_seconds: float) -> bool:
        """Whether Kafka denies the group, waiting that long for its answer."""
        try:
            self._consumer.committed([self._place], timeout=answer_seconds)
        except KafkaException as error:
            # Where Kafka denies even the coordinator there is no answer, only one message when it first did.
            told = [error.args[0], *(message.error() for message in self._consumer.consume(100, 0))]
            codes = {cause.code() for cause in told if cause is not None}
            self._denied = self._denied or KafkaError.GROUP_AUTHORIZATION_FAILED in codes
        else:
            self._denied = False
        return self._denied
