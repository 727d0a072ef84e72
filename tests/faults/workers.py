"""The workers of one group, each started again when it ends, as an orchestrator would."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from queue import Empty

from tests.faults.actors import Actor

STOP_SECONDS = 25
HOLD_PATIENCE_SECONDS = 5
INTO_THE_HOLD_SECONDS = 0.04
"""The results have left the producer by then, and the transaction is still open."""


class Workers:
    """Workers by number, of which so many are wanted."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        """Nobody yet."""
        self._environment, self._folder = environment, folder
        self._actors: dict[int, Actor] = {}
        self._lock = threading.RLock()
        self._wanted: set[int] = set()
        self.exits: Counter[int] = Counter()
        self._closed = threading.Event()
        self._keeper = threading.Thread(target=self._keep_up)
        self._keeper.start()

    def want(self, count: int) -> None:
        """Have so many workers; those that are too many are asked to stop."""
        with self._lock:
            self._wanted = set(range(1, count + 1))
            for number in self._actors.keys() - self._wanted:
                self._actors[number].process.terminate()

    @property
    def numbers(self) -> list[int]:
        """Who is wanted."""
        return sorted(self._wanted)

    def signal(self, number: int, signal_number: signal.Signals) -> Actor:
        """Send a signal to a worker."""
        actor = self.actor(number)
        actor.process.send_signal(signal_number)
        return actor

    def actor(self, number: int) -> Actor:
        """A worker, once it has been started again."""
        while number not in self._actors:
            time.sleep(0.02)
        return self._actors[number]

    def wait_until_holding(self, number: int) -> None:
        """Wait until a worker holds a transaction open, or does not for long: it may have no partition."""
        actor = self.actor(number)
        actor.forget()
        try:
            actor.hear(HOLD_PATIENCE_SECONDS)
        except Empty:
            return
        time.sleep(INTO_THE_HOLD_SECONDS)

    def stop(self) -> bool:
        """Ask all to stop, and tell whether each did in time."""
        self.want(0)
        deadline = time.monotonic() + STOP_SECONDS
        while self._actors and time.monotonic() < deadline:
            time.sleep(0.1)
        with self._lock:
            late = list(self._actors.values())
            for actor in late:
                actor.process.kill()
        return not late

    def close(self) -> None:
        """Stop all, and start nobody again."""
        self.stop()
        self._closed.set()
        self._keeper.join()

    def _keep_up(self) -> None:
        """Start who is wanted and not there."""
        while self._actors or not self._closed.is_set():
            with self._lock:
                for number, actor in list(self._actors.items()):
                    if (code := actor.process.poll()) is not None:
                        self.exits[code] += 1
                        self._actors.pop(number).end()
                for number in self._wanted - self._actors.keys():
                    self._actors[number] = self._start(number)
            time.sleep(0.1)

    def _start(self, number: int) -> Actor:
        """A worker with a name of its own."""
        environment = {**self._environment, "COMMUNIQUE_INSTANCE": f"worker-{number}"}
        return Actor("tests.faults.worker", log=self._folder / f"worker-{number}.log", environment=environment)
