"""MLServer with the classifier as a runtime of its own: Kafka in and out, adaptive batching on."""

import asyncio
from typing import Any

from mlserver import MLModel, MLServer
from mlserver.settings import ModelSettings, Settings
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput
from mlserver.utils import install_uvloop_event_loop

from bench.peers.labelling import Labeller
from bench.peers.place import BATCH_SIZE, Place

MODEL = "communique"
WAIT_SECONDS = 0.1
"""The best of 0.02, 0.1 and 0.5, by one or two runs each on a busy machine: to be tried again on a quiet one."""
QUIET = {"version": 1, "loggers": {"mlserver": {"level": "ERROR"}}}
"""It logs every message otherwise."""


class Runtime(MLModel):
    """The classifier, for batches of requests with one statement each."""

    async def load(self) -> bool:
        """Load the classifier."""
        self._labeller = Labeller()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """The results, in the order of the statements."""
        statements = [_bytes(statement) for statement in payload.inputs[0].data]
        results = [result.decode() for result in self._labeller.label(statements)]
        output = ResponseOutput(name="labels", shape=[len(results), 1], datatype="BYTES", data=results)
        return InferenceResponse(model_name=self.name, id=payload.id, outputs=[output])


def _bytes(statement: Any) -> bytes:
    """A statement as the labeller wants it."""
    return statement.encode() if isinstance(statement, str) else bytes(statement)


def settings(place: Place) -> Settings:
    """MLServer's settings: with one worker it labels in its own process, else in a pool of processes."""
    http, grpc, metrics = place.ports[:3]
    return Settings(
        host="127.0.0.1",
        http_port=http,
        grpc_port=grpc,
        metrics_port=metrics,
        metrics_dir=place.folder,
        debug=False,
        parallel_workers=place.workers if place.workers > 1 else 0,
        logging_settings=QUIET,
        kafka_enabled=True,
        kafka_servers=place.servers,
        kafka_topic_input=place.statements,
        kafka_topic_output=place.results,
    )


async def serve() -> None:
    """Label until killed."""
    place = Place.of_environment()
    model = ModelSettings(
        name=MODEL,
        implementation="bench.peers.mlserver.Runtime",
        max_batch_size=BATCH_SIZE,
        max_batch_time=WAIT_SECONDS,
    )
    await MLServer(settings(place)).start([model])


if __name__ == "__main__":
    install_uvloop_event_loop()
    asyncio.run(serve())
