"""How the process of a command ends."""

import os
import socket
import subprocess
import sys

import pytest

from services.cli.guide import SAMPLES
from tests.services.cli.programs import environment

BARE = """
import atexit, os
from services.cli import app, kafka
kafka.ANSWER_SECONDS = 0.5
atexit.register(os.abort)
app.main()
"""
"""The command, in a process that a common end would kill, as OpenSSL's clean-up kills one that is still connecting."""
WRITING = """
import sys
from services.cli import app
def write(**_):
    sys.stdout.write("unread")
    sys.exit(0)
app.app = write
app.main()
"""


def ended(program: str, *arguments: str, **options: int | str) -> subprocess.CompletedProcess[str]:
    """The end of a program, whose options are where its output goes or settings."""
    stdout = options.pop("stdout", subprocess.PIPE)
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, *arguments],
        stdout=stdout, stderr=subprocess.PIPE, env=environment(**options), text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--help"], 0), (["classify", "missing.txt"], 2), (["send", str(SAMPLES)], 70)]
)
def test_no_command_waits_for_the_clean_up_that_kills_under_kafkas_clients(arguments: list[str], code: int) -> None:
    found = ended(BARE, *arguments, COMMUNIQUE_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert found.returncode == code
    assert found.stdout or found.stderr


def test_nor_does_a_service_whose_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        found = ended(BARE, "serve", COMMUNIQUE_HTTP_HOST="127.0.0.1", COMMUNIQUE_HTTP_PORT=port)
    assert (found.returncode, "cannot serve" in found.stderr) == (78, True)


def test_output_that_nobody_takes_is_told_as_python_tells_it() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    found = ended(WRITING, stdout=writing, PYTHONUNBUFFERED="")
    os.close(writing)
    assert (found.returncode, "BrokenPipeError" in found.stderr) == (120, True)
