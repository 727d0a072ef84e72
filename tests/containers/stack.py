"""The containers of docker-compose.yml, under a name and ports of their own, so that they disturb no others."""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RUNNING = ("kafka", "topics", "classifier", "prometheus")
DOWN_TRIES = 3


class BringUpError(Exception):
    """The containers did not do what they should; the message says what."""


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def compose_tool() -> list[str]:
    """The command that understands docker-compose.yml."""
    if named := shlex.split(os.environ.get("COMPOSE", "")):
        if shutil.which(named[0]) is None:
            raise BringUpError(f"COMPOSE names {named[0]}, which is no command that can be run from {Path.cwd()}")
        return named
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:  # noqa: S603 - docker
        return [docker, "compose"]
    raise BringUpError("wanted `docker compose` or a tool like it named in COMPOSE, found neither")


@dataclass(frozen=True)
class Stack:
    """The containers of docker-compose.yml under a project name and ports of their own."""

    tool: list[str]
    kafka_port: int = field(default_factory=free_port)
    prometheus_port: int = field(default_factory=free_port)

    def run(self, *arguments: str, quiet: bool = False) -> int:
        """The exit code of a compose command."""
        output = subprocess.DEVNULL if quiet else sys.stderr
        return self._call(arguments, stdout=output, stderr=output).returncode

    def _call(self, arguments: Sequence[str], **streams: Any) -> subprocess.CompletedProcess[str]:
        ports = {"KAFKA_PORT": str(self.kafka_port), "PROMETHEUS_PORT": str(self.prometheus_port)}
        command = [*self.tool, "-p", f"communique-test-{os.getpid()}", "--profile", "samples", *arguments]
        return subprocess.run(command, cwd=ROOT, env=os.environ | ports, text=True, check=False, **streams)  # noqa: S603 - the developer's own compose tool

    def is_gone(self) -> bool:
        """Whether no container is left."""
        listed = self._call(["ps", "-q"], stdout=subprocess.PIPE, stderr=sys.stderr)
        return listed.returncode == 0 and not listed.stdout.strip()

    def must(self, *arguments: str) -> None:
        """Run a compose command that has to succeed."""
        if code := self.run(*arguments):
            raise BringUpError(f"compose {' '.join(arguments[:2])} … ended with {code}")

    def in_classifier(self, program: str, *, quiet: bool = False) -> bool:
        """Whether a Python program ends well in the classifier's container."""
        return self.run("exec", "-T", "classifier", "python", "-c", program, quiet=quiet) == 0

    def metric(self, query: str) -> list[float]:
        """The values that Prometheus has for a query."""
        url = f"http://127.0.0.1:{self.prometheus_port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return [float(series["value"][1]) for series in json.load(answer)["data"]["result"]]
        except OSError:
            return []


def say(message: str, since: float | None = None) -> None:
    """Print a line of progress."""
    print(f"== {message}" + (f" ({time.monotonic() - since:.1f} s)" if since is not None else ""), flush=True)


def until(condition: Callable[[], bool], seconds: float, wanted: str) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise BringUpError(f"waited {seconds} s in vain until {wanted}")
        time.sleep(1)


@contextmanager
def brought_up(stack: Stack) -> Iterator[None]:
    """The containers running; afterwards nothing of them is left, and a failure has shown their logs."""
    try:
        stack.must("up", "-d", *RUNNING)
        yield
    except BaseException as error:
        for service in RUNNING:
            stack.run("logs", service)
        say(f"failed: {error}")
        raise
    finally:
        take_down(stack)


def take_down(stack: Stack) -> None:
    """Remove the containers and their volumes; compose tools are known to say that they did where they did not."""
    began = time.monotonic()
    for _ in range(DOWN_TRIES):
        stack.run("down", "-v")
        if stack.is_gone():
            say("taken down", began)
            return
    raise BringUpError(f"{DOWN_TRIES} times `down -v` left containers of communique-test-{os.getpid()} running")
