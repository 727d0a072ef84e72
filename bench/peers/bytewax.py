"""Bytewax with the classifier on each of its source's batches; no recovery store, so nothing is committed."""

from bytewax import operators as op
from bytewax._bytewax import cli_main
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow

from bench.peers.labelling import Labeller
from bench.peers.place import BATCH_SIZE, Place


def dataflow(place: Place) -> Dataflow:
    """Statements in, results out."""
    labeller = Labeller()

    def label(batch: list[KafkaSourceMessage]) -> list[KafkaSinkMessage]:
        """The results of a batch, keyed as its statements."""
        results = labeller.label([message.value for message in batch])
        return [KafkaSinkMessage(message.key, result) for message, result in zip(batch, results, strict=True)]

    servers = [place.servers]
    flow = Dataflow("bench")
    statements = op.input("statements", flow, KafkaSource(servers, [place.statements], batch_size=BATCH_SIZE))
    results = op.flat_map_batch("label", statements, label)
    producing = {"linger.ms": "5", "compression.type": "lz4"}
    op.output("results", results, KafkaSink(servers, place.results, add_config=producing))
    return flow


def main() -> None:
    """Label until killed, in a cluster if there is more than one worker."""
    place = Place.of_environment()
    if place.workers == 1:
        cli_main(dataflow(place))
    else:
        addresses = [f"127.0.0.1:{port}" for port in place.ports[: place.workers]]
        cli_main(dataflow(place), process_id=place.worker, addresses=addresses)


if __name__ == "__main__":
    main()
