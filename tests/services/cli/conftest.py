"""The command line as its users start it: as a process, in a terminal, or against an embedded broker."""

import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.classifier.settings import PREFIX
from services.embedded_broker import embedded_broker

COMMUNIQUE = str(Path(sys.executable).with_name("communique"))
TOPICS = {"statements": 2, "statements.classified": 2, "statements.rejected": 1}
PATIENCE_SECONDS = 60

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment with no settings of the service but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return clean | {"COLUMNS": "100", "TERM": "xterm-256color"} | variables


@pytest.fixture
def run() -> Run:
    """Runs `communique` to its end, in a pipe."""

    def run(*arguments: str | Path, stdin: str | bytes = "", **variables: str) -> subprocess.CompletedProcess[str]:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        ended = subprocess.run(  # noqa: S603 - our own program
            [COMMUNIQUE, *arguments],
            input=given,
            capture_output=True,
            env=environment(**variables),
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return subprocess.CompletedProcess(ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    return run


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of an embedded broker with the service's topics."""
    with embedded_broker(TOPICS) as address:
        yield address


class Terminal:
    """A program that runs in a terminal of its own, and all that it has shown so far."""

    def __init__(self, *arguments: str | Path, **variables: str) -> None:
        self._side, other = pty.openpty()
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [COMMUNIQUE, *arguments],
            stdin=other, stdout=other, stderr=other, env=environment(**variables), start_new_session=True,
        )  # fmt: skip
        os.close(other)
        self.raw = ""
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def screen(self) -> str:
        """What was shown, without colours and cursor moves."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw).replace("\r\n", "\n")

    def wait_for(self, text: str) -> str:
        """The screen, once it shows the text."""
        with self._news:
            assert self._news.wait_for(lambda: text in self.screen, PATIENCE_SECONDS), self.screen
            return self.screen

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._side, keys)

    def end(self) -> int:
        """The exit code, once the program has ended."""
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join()
        return code

    def close(self) -> None:
        """End the program, whatever it does."""
        self.process.kill()
        self.end()
        os.close(self._side)

    def _read(self) -> None:
        while True:
            try:
                news = os.read(self._side, 65536)
            except OSError:  # the other side is closed
                return
            with self._news:
                self.raw += news.decode(errors="replace")
                self._news.notify_all()


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Starts `communique` in a terminal."""
    started: list[Terminal] = []

    def start(*arguments: str | Path, **variables: str) -> Terminal:
        started.append(Terminal(*arguments, **variables))
        return started[-1]

    yield start
    for one in started:
        one.close()
