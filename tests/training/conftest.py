"""The commands of `training`, run as a shell would, and a small corpus to run them on."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from training import corpus

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs a command with its arguments."""

    def run(command: Callable[..., None], *arguments: object) -> Result:
        program = typer.Typer(pretty_exceptions_enable=False)
        program.command()(command)
        return CliRunner().invoke(program, [str(argument) for argument in arguments])

    return run


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every eighth statement of each batch of the shipped corpus."""
    folder = tmp_path_factory.mktemp("corpus")
    for path in corpus.FOLDER.glob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / path.name).write_text("".join(lines[::8]), encoding="utf-8")
    return folder
