"""How statements are read: whole batches, no header and no body touched, offsets committed by the delivery alone.

FastStream's own parser decodes every header, and one that is not UTF-8 loses its whole batch.
"""

from collections.abc import Sequence

from confluent_kafka import Message
from faststream import AckPolicy
from faststream.confluent import KafkaBroker
from faststream.confluent.message import FAKE_CONSUMER, KafkaMessage
from faststream.confluent.subscriber.usecase import BatchSubscriber
from faststream.message import StreamMessage

from services.classifier.health import Health
from services.classifier.records import Record
from services.classifier.settings import Settings

HEARTBEAT_SECONDS = 3
"""Between two, as by Kafka's default: so late may a worker hear that another has come or gone."""
HEARTBEATS = 3
"""In a session's timeout at least: two may be lost before the group gives the partitions away."""

PARTITION_FETCH_BYTES = 262_144
"""Of one partition in one answer, or one message: with more, one partition's backlog holds up the others for long."""


def subscribe(broker: KafkaBroker, settings: Settings, health: Health) -> BatchSubscriber:
    """A subscriber to the statements, to decorate what is done with a batch."""
    milliseconds = int(settings.session_timeout_seconds * 1000)
    return broker.subscriber(
        settings.statements_topic,
        group_id=settings.group,
        batch=True,
        max_records=settings.batch_size,
        polling_interval=settings.batch_wait_seconds,
        fetch_max_wait_ms=int(settings.batch_wait_seconds * 1000),
        max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=milliseconds,
        heartbeat_interval_ms=min(HEARTBEAT_SECONDS * 1000, milliseconds // HEARTBEATS),
        ack_policy=AckPolicy.MANUAL,
        parser=_as_it_came,
        decoder=_bodies,
        no_reply=True,
        on_assign=health.assigned,
        on_revoke=health.revoked,
    )


def records_of(message: KafkaMessage) -> list[Record]:
    """The records of a batch."""
    raw = message.raw_message
    return [Record.of(one) for one in (raw if isinstance(raw, tuple) else (raw,))]


async def _as_it_came(messages: tuple[Message, ...]) -> KafkaMessage:
    """The batch as FastStream's message, which cannot commit anything."""
    bodies = [message.value() or b"" for message in messages]
    return KafkaMessage(body=bodies, raw_message=messages, consumer=FAKE_CONSUMER, is_manual=True)


async def _bodies(message: StreamMessage[Sequence[Message]]) -> object:
    """The bodies as they are."""
    return message.body
