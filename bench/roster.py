"""Who is measured: communique and its peers, and what differs between them for the one who sends and reads."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import workload

FOLDER = Path(__file__).parent
Headers = list[tuple[str, str | bytes | None]]


def _inference_request(number: int, text: str) -> bytes:
    """A statement in the Open Inference Protocol, which is all that MLServer reads."""
    data = [workload.statement(number, text).decode()]
    inputs = [{"name": "statement", "shape": [1, 1], "datatype": "BYTES", "data": data}]
    return json.dumps({"id": str(number), "inputs": inputs}, ensure_ascii=False).encode()


def _inference_response(value: bytes) -> Any:
    """The labels in MLServer's answer."""
    return json.loads(json.loads(value)["outputs"][0]["data"][0])


@dataclass(frozen=True)
class Peer:
    """A program that labels statements from Kafka; `delivers` is what it guarantees as it is run here."""

    name: str
    title: str
    delivers: str
    packages: tuple[str, ...]
    environment: Path | None = None
    """Where its Python is; none for the project's own."""
    one_process: bool = False
    """Whether it starts its workers itself."""
    backlog: int = 30_000
    """Statements that wait for it while its rate is measured."""
    encode: Callable[[int, str], bytes] = workload.statement
    decode: Callable[[bytes], Any] = json.loads
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def python(self) -> Path:
        """The interpreter that runs it."""
        return self.environment / "bin" / "python" if self.environment else Path(sys.executable)


def _environment(name: str) -> Path:
    return FOLDER / ".venvs" / name


PEERS = (
    Peer("communique", "communique", "exactly once", ("faststream", "confluent-kafka")),
    Peer("loop", "bare confluent-kafka loop", "at least once", ("confluent-kafka",)),
    Peer(
        "faststream",
        "FastStream, one record a call",
        "at most once",
        ("faststream", "confluent-kafka"),
        _environment("faststream"),
    ),
    Peer(
        "mlserver",
        "MLServer, batches",
        "no guarantee",
        ("mlserver", "aiokafka"),
        _environment("mlserver"),
        one_process=True,
        backlog=2_000,
        encode=_inference_request,
        decode=_inference_response,
        headers=(("mlserver-model", b"communique"),),
    ),
    Peer("bytewax", "Bytewax, batches", "no guarantee", ("bytewax", "confluent-kafka"), _environment("bytewax")),
    Peer("faust", "Faust, batches", "at least once", ("faust-streaming", "aiokafka"), _environment("faust")),
)
"""In the order of the table; MLServer takes all that waits into its memory at once, so little waits for it."""
