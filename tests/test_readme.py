"""What the README shows works as shown."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Producer
from prometheus_client import CollectorRegistry

from models.classifier import ReviewReason
from services.classifier.events import ClassifiedStatement, Model, RejectReason, Statement
from services.classifier.health import Health
from services.classifier.metrics import Metrics
from services.classifier.settings import PREFIX, Settings
from services.embedded_broker import embedded_broker

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """The fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def arguments(line: str) -> list[str]:
    """The words of a command, with this environment's programs for those of .venv."""
    program, *rest = shlex.split(line)
    return [str(Path(sys.executable).parent / Path(program).name) if program.startswith(".venv/") else program, *rest]


def rows(header: str) -> list[list[str]]:
    """The cells of the table whose first column is headed so."""
    table = README.split(f"\n| {header} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in table.splitlines()[2:]]


def named(header: str) -> list[str]:
    """The names in the first column of a table."""
    return [name for cells in rows(header) for name in re.findall("`([^`]+)`", cells[0])]


def run(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the README from the project's root."""
    return subprocess.run(  # noqa: S603 - our own README
        arguments(line),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines()])
def test_a_command_of_the_readme_works(line: str) -> None:
    done = run(f"make -n {line.split()[1]}" if line.startswith("make ") else line)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for block in blocks("sh kafka-rejects") for line in block.splitlines()])
def test_a_redrive_of_the_readme_works(line: str) -> None:
    with embedded_broker({"statements": 1, "statements.rejected": 1}) as servers:
        done = run(line, COMMUNIQUE_BOOTSTRAP_SERVERS=servers)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for block in blocks("sh train") for line in block.splitlines()])
def test_a_training_command_of_the_readme_has_the_options_shown(line: str) -> None:
    words = arguments(line)
    shown = run(f"{words[0]} --help", COLUMNS="200").stdout
    assert all(word in shown for word in words if word.startswith("--"))


def test_a_subscriber_of_the_readme_gets_what_was_sent() -> None:
    (script,) = blocks("python")
    event = json.loads(blocks("json")[1])
    with embedded_broker({"statements": 1, "statements.classified": 1}) as servers:
        sent, watched = blocks("sh kafka")[0].splitlines()
        assert run(sent, COMMUNIQUE_BOOTSTRAP_SERVERS=servers).returncode == 0
        publish(servers, event)
        environment = {**os.environ, "COMMUNIQUE_BOOTSTRAP_SERVERS": servers}
        for command in ([sys.executable, "-c", script], arguments(watched)):
            subscriber = subprocess.Popen(  # noqa: S603 - our own README
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            with subscriber:
                try:
                    assert subscriber.stdout is not None
                    assert event["statement_id"] in subscriber.stdout.readline()
                finally:
                    subscriber.kill()


def publish(servers: str, event: dict[str, object]) -> None:
    """Put an event on the results topic."""
    producer = Producer({"bootstrap.servers": servers})
    producer.produce("statements.classified", json.dumps(event).encode(), b"key")
    assert producer.flush(10) == 0


def test_the_events_shown_are_events() -> None:
    shown_in, shown_out = blocks("json")
    statement = Statement.model_validate_json(shown_in)
    result = ClassifiedStatement.model_validate_json(shown_out)
    assert result.statement_id == statement.statement_id
    spans = [span for sector in result.sectors for span in sector.evidence] + list(result.stance.evidence)
    assert all(statement.text[span.start : span.end] == span.text for span in spans)


def test_the_closed_lists_shown_are_whole() -> None:
    assert named("`review_reasons`") == [*ReviewReason]
    assert named("`communique.reason`") == [*RejectReason]


def test_the_metrics_shown_are_all_that_there_are() -> None:
    registry = CollectorRegistry()
    Metrics(registry, Model(version="1", sha256="0" * 64))
    registry.register(Health())
    suffix = {"counter": "_total"}
    assert sorted(named("metric")) == sorted(each.name + suffix.get(each.type, "") for each in registry.collect())


def test_the_defaults_shown_are_those_of_the_settings() -> None:
    shown = {cells[0].strip("`"): cells[1].strip("`") for cells in rows("variable") if cells[1].startswith("`")}
    assert shown
    for variable, default in shown.items():
        assert str(Settings.model_fields[variable.removeprefix(PREFIX).lower()].default) == default
