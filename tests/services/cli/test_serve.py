"""`communique serve`: the service as an operator starts it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.classifier.settings import Settings
from tests.services.cli.programs import environment, run


def test_the_help_lists_every_setting_with_its_default_and_its_meaning() -> None:
    words = " ".join(run("serve", "--help", COLUMNS="160").stdout.split())
    for name, field in Settings.model_fields.items():
        assert f"COMMUNIQUE_{name.upper()} {field.description}" in words
        assert field.default is None or field.default_factory or f"[{field.default}]" in words


def test_no_name_of_a_setting_is_cut_at_80_columns() -> None:
    screen = run("serve", "--help", COLUMNS="80").stdout
    assert all(f"COMMUNIQUE_{name.upper()} " in screen for name in Settings.model_fields)


SERVES = """
from unittest.mock import AsyncMock, Mock
from services.classifier import app
from services.cli.app import main
app.create_app = Mock(return_value=Mock(serve=AsyncMock(return_value={code})))
main()
"""


@pytest.mark.parametrize("code", [0, 70])
def test_the_services_exit_code_is_the_commands(code: int) -> None:
    program = [sys.executable, "-c", SERVES.format(code=code), "serve"]
    assert subprocess.run(program, env=environment(), check=False).returncode == code  # noqa: S603 - our own program


def test_a_bad_setting_ends_it_with_78() -> None:
    ended = run("serve", COMMUNIQUE_BATCH_SIZE="0", COMMUNIQUE_RESULTS_TOPIC="statements")
    assert "COMMUNIQUE_BATCH_SIZE: Input should be greater than or equal to 1" in ended.stderr
    assert ended.returncode == 78


def test_a_secret_that_cannot_be_read_ends_it_with_78(tmp_path: Path) -> None:
    ended = run("serve", COMMUNIQUE_SASL_PASSWORD_FILE=str(tmp_path / "missing"))
    assert "COMMUNIQUE_SASL_PASSWORD_FILE names" in ended.stderr
    assert ended.returncode == 78


def test_a_bad_artefact_ends_it_with_78(tmp_path: Path) -> None:
    ended = run("serve", COMMUNIQUE_ARTIFACT=str(tmp_path))
    assert "found no manifest" in ended.stderr
    assert ended.returncode == 78


def test_a_taken_port_ends_it_with_78() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = run("serve", COMMUNIQUE_HTTP_HOST="127.0.0.1", COMMUNIQUE_HTTP_PORT=port)
    assert f"cannot serve on 127.0.0.1:{port}" in ended.stderr
    assert ended.returncode == 78
