"""The commands of `training`, run as a shell would, a small corpus to run them on, and what comes of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from training import corpus
from training.train import train

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
    """Every eighth statement of each batch of the shipped corpus, and where it is from."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "about.md").write_text(corpus.about(), encoding="utf-8")
    for path in corpus.FOLDER.glob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / path.name).write_text("".join(lines[::8]), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def trained(run: Run, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artefact trained on the small corpus."""
    folder = tmp_path_factory.mktemp("artifacts") / "1.0.0"
    result = run(train, "--data", small_corpus, "--output", folder, "--seed", 7)
    assert result.exit_code == 0, result.output
    return folder
