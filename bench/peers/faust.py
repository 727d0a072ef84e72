"""Faust with the classifier on batches of a stream, at least once."""

import sys

import faust

from bench.peers.labelling import Labeller
from bench.peers.place import BATCH_SIZE, Place

WAIT_SECONDS = 0.02


def create_app(place: Place) -> faust.App:
    """Statements in, results out."""
    labeller = Labeller()
    app = faust.App(
        place.statements,
        broker=f"kafka://{place.servers}",
        datadir=place.folder,
        web_enabled=False,
        value_serializer="raw",
        key_serializer="raw",
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        stream_buffer_maxsize=2 * BATCH_SIZE,
        broker_max_poll_records=BATCH_SIZE,
        producer_linger=0.005,
    )
    statements, results = app.topic(place.statements), app.topic(place.results)

    @app.agent(statements)  # type: ignore[untyped-decorator] # faust is in an environment of its own
    async def label_statements(stream: faust.StreamT[bytes]) -> None:
        """Each batch, keyed as its statements."""
        async for events in stream.take_events(BATCH_SIZE, within=WAIT_SECONDS):
            for event, result in zip(events, labeller.label([event.value for event in events]), strict=True):
                await results.send(key=event.key, value=result)

    return app


if __name__ == "__main__":
    sys.argv = ["faust", "worker", "--loglevel", "warn", "--without-web"]
    create_app(Place.of_environment()).main()
