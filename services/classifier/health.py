"""Whether the worker works: its partitions, its lag, the batch in hand, and the pages that tell."""

import json
import time
from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, TopicPartition
from faststream.asgi import AsgiResponse, get
from faststream.asgi.handlers import GetHandler
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from services.classifier.troubles import Trouble

STUCK_SECONDS = 60
"""A batch takes well under a second; one that is not delivered after a minute needs a person."""


class Health(Collector):
    """What the worker is at; as a collector, the lag at the moment it is asked."""

    def __init__(self) -> None:
        """Begin with nothing assigned and nothing to do."""
        self._consumer: Consumer | None = None
        self._partitions: list[TopicPartition] = []
        self._busy_since: float | None = None
        self.failed = False
        self.hindrances: frozenset[Trouble] = frozenset()

    def assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Note the partitions that the group gave to this worker."""
        self._consumer, self._partitions = consumer, partitions

    def revoked(self, _: Consumer, __: list[TopicPartition]) -> None:
        """Note that the group took the partitions back, and with them whatever batch was in hand."""
        self._consumer, self._partitions, self._busy_since = None, [], None

    def began(self) -> None:
        """Note that a batch is in hand, perhaps again."""
        self._busy_since = self._busy_since or time.monotonic()

    def delivered(self) -> None:
        """Note that nothing is left in hand."""
        self._busy_since = None

    def is_stalled(self) -> bool:
        """Whether Kafka was never heard of the partitions of this worker: not even that they hold nothing new."""
        consumer, partitions = self._consumer, self._partitions
        if consumer is None or not partitions or self._busy_since is not None:
            return False
        try:
            return all(consumer.get_watermark_offsets(place, cached=True)[1] < 0 for place in partitions)
        except (KafkaException, RuntimeError):  # the consumer is being closed
            return False

    def busy_seconds(self) -> float:
        """How long the batch in hand has been there."""
        return time.monotonic() - self._busy_since if self._busy_since is not None else 0

    def troubles(self) -> list[Trouble]:
        """Why the worker is not ready; nothing if it is."""
        found = {
            Trouble.FATAL: self.failed,
            Trouble.UNASSIGNED: self._consumer is None,
            Trouble.STUCK: self.busy_seconds() > STUCK_SECONDS,
        }
        return [*(trouble for trouble, there in found.items() if there), *sorted(self.hindrances)]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The lag of each partition of this worker, as far as it has been fetched."""
        lag = GaugeMetricFamily(
            "communique_lag_statements", "Messages not yet read, by partition", labels=["topic", "partition"]
        )
        for topic, partition, messages in self._lags():
            lag.add_metric([topic, str(partition)], messages)
        yield lag

    def _lags(self) -> Iterable[tuple[str, int, int]]:
        """Topic, partition and lag, of the partitions for which both ends are known."""
        if (consumer := self._consumer) is None:
            return
        try:
            for place in consumer.position(self._partitions):
                _, high = consumer.get_watermark_offsets(place, cached=True)
                if place.offset >= 0 and high >= 0:
                    yield place.topic, place.partition, max(0, high - place.offset)
        except (KafkaException, RuntimeError):
            # The consumer is being closed, or has lost its partitions since: there is no lag to tell.
            return

    def routes(self) -> list[tuple[str, GetHandler]]:
        """The pages /live and /ready."""

        @get
        async def live(_: object) -> AsgiResponse:
            """That the loop turns."""
            return AsgiResponse(b"", 200)

        @get
        async def ready(_: object) -> AsgiResponse:
            """That statements are being labelled, or why not."""
            troubles = self.troubles()
            body = json.dumps({"ready": not troubles, "troubles": troubles}).encode()
            return AsgiResponse(body, 503 if troubles else 200, {"content-type": "application/json"})

        return [("/live", live), ("/ready", ready)]
