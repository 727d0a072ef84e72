"""communique itself, exactly once, as `communique serve` with its default settings."""

import os
import sys
from pathlib import Path

from bench.peers.place import Place

place = Place.of_environment()
SETTINGS = {
    "BOOTSTRAP_SERVERS": place.servers,
    "GROUP": place.statements,
    "INSTANCE": f"worker-{place.worker}",
    "STATEMENTS_TOPIC": place.statements,
    "RESULTS_TOPIC": place.results,
    "REJECTS_TOPIC": place.rejects,
    "HTTP_HOST": "127.0.0.1",
    "HTTP_PORT": str(place.ports[place.worker]),
}

os.environ.update({f"COMMUNIQUE_{name}": value for name, value in SETTINGS.items()})
os.execv(Path(sys.executable).with_name("communique"), ["communique", "serve"])  # noqa: S606 - our own command
