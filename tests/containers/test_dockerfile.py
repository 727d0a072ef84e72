"""What the image promises, read from its Dockerfile; `make check` lints it and `make compose-test` builds it."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """Each instruction and its argument, continued lines joined."""
    text = (ROOT / "services/classifier/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r"^([A-Z]+) (.+)$", text, re.MULTILINE)


def test_only_what_is_locked_by_its_hash_is_installed(instructions: list[tuple[str, str]]) -> None:
    installs = [argument for name, argument in instructions if name == "RUN" and " install " in argument]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-deps" in installs[1]
    assert "--no-build-isolation" in installs[1]


def test_the_image_runs_as_a_user_that_is_not_root(instructions: list[tuple[str, str]]) -> None:
    users = [argument for name, argument in instructions if name == "USER"]
    assert users
    assert int(users[-1].split(":")[0]) > 0


def test_signals_reach_the_service_and_no_shell(instructions: list[tuple[str, str]]) -> None:
    run = {name: argument for name, argument in instructions if name in {"ENTRYPOINT", "CMD"}}
    assert [*json.loads(run["ENTRYPOINT"]), *json.loads(run["CMD"])] == ["communique", "serve"]


def test_the_image_comes_from_a_slim_python(instructions: list[tuple[str, str]]) -> None:
    bases = [argument.split()[0] for name, argument in instructions if name == "FROM"]
    assert bases[-1] == "docker.io/library/python:3.11-slim"
