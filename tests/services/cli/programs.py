"""`communique` as its users start it: as a process, in a pipe or in a terminal of its own."""

import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from services.classifier.settings import PREFIX

COMMUNIQUE = str(Path(sys.executable).with_name("communique"))
PATIENCE_SECONDS = 60


def environment(**variables: str) -> dict[str, str]:
    """This process's environment with no settings of the service but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return clean | {"COLUMNS": "100", "TERM": "xterm-256color"} | variables


def run(*arguments: str | Path, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `communique` to its end, in a pipe."""
    ended = subprocess.run(  # noqa: S603 - our own program
        [COMMUNIQUE, *arguments],
        input=stdin,
        capture_output=True,
        env=environment(**variables),
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return subprocess.CompletedProcess(ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode())


class Terminal:
    """A program that runs in a terminal of its own, and all that it has shown so far."""

    def __init__(self, *arguments: str | Path, stdout: IO[bytes] | None = None, **variables: str) -> None:
        self._side, other = pty.openpty()
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [COMMUNIQUE, *arguments],
            stdin=other, stdout=stdout or other, stderr=other, env=environment(**variables),
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

    def interrupt(self) -> None:
        """Do what the terminal does at Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

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
