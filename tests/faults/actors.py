"""Processes that take part in a fault: they hear lines and say lines of JSON."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 120


class Actor:
    """A Python module that runs as a process of its own."""

    def __init__(self, module: str, *arguments: str, log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start the module; what it complains of goes to the log."""
        with log.open("ab") as complaints:
            self.process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", module, *arguments],
                env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def tell(self, line: str) -> None:
        """Say a line to the process."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """What the process says next; raises queue.Empty if that takes too long."""
        return self._said.get(timeout=seconds)

    def forget(self) -> None:
        """Drop what was said and not heard."""
        while not self._said.empty():
            self._said.get()

    def end(self) -> None:
        """Kill the process, unless it has ended, and hear it no more."""
        self.process.kill()
        self.process.wait()
        self._listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(json.loads(line))


def say(**words: Any) -> None:
    """Let the process's parent hear something."""
    print(json.dumps(words), flush=True)
