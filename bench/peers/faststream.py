"""The plain FastStream handler: one record a call, its result published before the next."""

import asyncio
from typing import cast

from confluent_kafka import Message
from faststream import FastStream
from faststream.confluent import KafkaBroker
from faststream.confluent.annotations import KafkaMessage

from bench.peers.labelling import Labeller
from bench.peers.place import Place


def main() -> None:
    """Label until killed."""
    place = Place.of_environment()
    labeller = Labeller()
    broker = KafkaBroker(place.servers, allow_auto_create_topics=False, logger=None)
    results = broker.publisher(place.results)

    @broker.subscriber(place.statements, group_id=place.statements, auto_offset_reset="earliest")
    async def label_statement(message: KafkaMessage) -> None:
        """One statement."""
        (result,) = labeller.label([message.body])
        await results.publish(result, key=cast(Message, message.raw_message).key())

    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    main()
