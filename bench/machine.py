"""What was measured on, and with which versions."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bench.roster import Peer

CLASSIFIER_PACKAGES = ("scikit-learn", "numpy", "scipy")
ASK = """\
import json, sys
from importlib.metadata import version
print(json.dumps({name: version(name) for name in sys.argv[1:]}))
"""
KAFKA = "4.3.1"


def facts() -> dict[str, Any]:
    """The machine, the moment and how busy it was before."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kafka": f"Apache Kafka {KAFKA}, one node on the same machine",
        "load_average_before": os.getloadavg()[0],
    }


def versions(peer: Peer) -> dict[str, str]:
    """What a peer runs, and the classifier's libraries beside it."""
    command = [str(peer.python), "-c", ASK, *peer.packages, *CLASSIFIER_PACKAGES]
    found: dict[str, str] = json.loads(subprocess.check_output(command, timeout=60))  # noqa: S603 - our own command
    return found


def _cpu() -> str:
    """The processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
