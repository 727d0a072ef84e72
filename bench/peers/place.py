"""What a worker is told of the run that it is in: the one thing that all peers read from their environment."""

import json
import os
from dataclasses import asdict, dataclass

VARIABLE = "BENCH_PLACE"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For every library of numbers, in every process that is measured."""
BATCH_SIZE = 500
"""Of every peer that can batch, as in communique's settings."""


@dataclass(frozen=True)
class Place:
    """Where Kafka is, what the topics are called, which of how many workers this is, free ports and an own folder."""

    servers: str
    statements: str
    results: str
    rejects: str
    worker: int
    workers: int
    ports: tuple[int, ...]
    folder: str

    @classmethod
    def of_environment(cls) -> "Place":
        """The place of this process."""
        told = json.loads(os.environ[VARIABLE])
        return cls(**{**told, "ports": tuple(told["ports"])})

    def to_environment(self) -> dict[str, str]:
        """The variables of a worker's process."""
        return {**os.environ, **ONE_THREAD, VARIABLE: json.dumps(asdict(self))}
