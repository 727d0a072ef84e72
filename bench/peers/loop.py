"""A bare consume-produce loop on confluent-kafka: batches, offsets committed behind the results, no more."""

from confluent_kafka import Consumer, Producer

from bench.peers.labelling import Labeller
from bench.peers.place import BATCH_SIZE, Place

WAIT_SECONDS = 0.02


def main() -> None:
    """Label until killed."""
    place = Place.of_environment()
    labeller = Labeller()
    servers = {"bootstrap.servers": place.servers}
    producer = Producer({**servers, "linger.ms": 5, "compression.type": "lz4"})
    reading = {"group.id": place.statements, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = Consumer({**servers, **reading})
    consumer.subscribe([place.statements])
    while True:
        messages = [one for one in consumer.consume(BATCH_SIZE, WAIT_SECONDS) if one.error() is None]
        if not messages:
            continue
        results = labeller.label([message.value() or b"" for message in messages])
        for message, result in zip(messages, results, strict=True):
            producer.produce(place.results, result, message.key())
        producer.flush()
        consumer.commit(asynchronous=True)


if __name__ == "__main__":
    main()
