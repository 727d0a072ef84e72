"""The service as a process of its own: it drains on SIGTERM, stops in time without Kafka, and logs JSON."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from services.embedded_broker import embedded_broker
from tests.services.classifier.hostile import body
from tests.services.classifier.running import TOPICS, Topics, open_topics

STOP_SECONDS = 25
COMMUNIQUE = Path(sys.executable).with_name("communique")


@contextmanager
def serving(bootstrap_servers: str, logs: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """`communique serve`, which a test must stop; killed if it does not."""
    variables = {
        "BOOTSTRAP_SERVERS": bootstrap_servers,
        "DELIVERY": "at_least_once",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": "0",
        **settings,
    }
    environment = {**os.environ, **{f"COMMUNIQUE_{name}": value for name, value in variables.items()}}
    with (
        logs.open("wb") as log,
        subprocess.Popen(  # noqa: S603 - our own command
            [COMMUNIQUE, "serve"], env=environment, stderr=log
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def wait_until_started(process: subprocess.Popen[bytes], logs: Path) -> None:
    """Wait until the log says so."""
    deadline = time.monotonic() + 60
    while "started successfully" not in logs.read_text():
        assert time.monotonic() < deadline, logs.read_text()
        assert process.poll() is None, logs.read_text()
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to stop, and give its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(STOP_SECONDS)


def test_sigterm_drains_what_was_read_and_exits_with_0(broker: str, topics: Topics, tmp_path: Path) -> None:
    topics.send(*({"value": body(statement_id=str(number))} for number in range(3000)))
    with serving(broker, tmp_path / "log", SESSION_TIMEOUT_SECONDS="2") as process:
        wait_until_started(process, tmp_path / "log")
        first = topics.consumer.consume(1, 60)
        assert stop(process) == 0
        offsets = [message.headers()[1][1] for message in first + topics.consumer.consume(3000, 1)]
        with serving(broker, tmp_path / "log2", SESSION_TIMEOUT_SECONDS="2") as again:
            while len(offsets) < 3000:
                offsets += [message.headers()[1][1] for message in topics.consumer.consume(500, 1)]
            assert stop(again) == 0
    assert sorted(offsets) == sorted(f"statements/0/{number}".encode() for number in range(3000))


def test_a_stop_ends_in_time_with_kafka_gone(tmp_path: Path) -> None:
    with ExitStack() as kafka:
        broker = kafka.enter_context(embedded_broker(TOPICS))
        with serving(broker, tmp_path / "log") as process:
            wait_until_started(process, tmp_path / "log")
            with open_topics(broker) as topics:
                topics.send({"value": body()})
                topics.outcomes(1)
            kafka.close()
            assert stop(process) in (0, 70)


def test_a_stop_ends_in_time_with_kafka_never_there(tmp_path: Path) -> None:
    with serving("127.0.0.1:1", tmp_path / "log") as process:
        wait_until_started(process, tmp_path / "log")
        assert stop(process) in (0, 70)


def test_every_line_of_the_log_is_a_json_object(broker: str, topics: Topics, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(broker, log) as process:
        wait_until_started(process, log)
        topics.send({"value": b"{ Plenipotentiary"}, {"value": body()})
        topics.outcomes(2)
        assert stop(process) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"time", "level", "logger", "message"} <= set.intersection(*(set(line) for line in lines))
    assert any(line["message"] == "rejected a message" and line["reason"] == "not_json" for line in lines)
    assert "Plenipotentiary" not in log.read_text()


def test_a_port_that_is_taken_is_a_bad_configuration(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with serving("127.0.0.1:1", tmp_path / "log", HTTP_PORT=port) as process:
            assert process.wait(60) == 78
