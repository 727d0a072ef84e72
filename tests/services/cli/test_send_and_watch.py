"""`communique send` and `communique watch`, against a broker."""

import json
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from typer.testing import CliRunner

from services.cli import kafka
from services.cli.app import app
from services.cli.guide import SAMPLES
from tests.services.cli.programs import COMMUNIQUE, Terminal, environment, run

SERVERS = "COMMUNIQUE_BOOTSTRAP_SERVERS"
EVENT = {
    "statement_id": "s-1", "title": "Talks", "issued_by": ["FR"], "issued_on": "2025-01-02",
    "sectors": [{"sector": "transport", "crs": "210", "probability": 0.9,
                 "evidence": [{"start": 9, "end": 14, "text": "ports"}]}],
    "stance": {"stance": "not_addressed", "probability": 0.8, "probabilities": {"not_addressed": 0.8}, "evidence": []},
    "needs_review": False, "review_reasons": [], "model": {"version": "1", "sha256": "0"},
    "origin": {"topic": "statements", "partition": 0, "offset": 0}, "classified_at": "2026-01-01T00:00:00Z",
    "a_field_of_tomorrow": 1,
}  # fmt: skip


def publish(broker: str, topic: str, value: bytes, **options: object) -> None:
    producer = Producer({"bootstrap.servers": broker})
    producer.produce(topic, value, partition=0, **options)  # type: ignore[arg-type]
    assert producer.flush(10) == 0


def read(broker: str, topic: str, count: int) -> list[tuple[str, dict[str, object], dict[str, str]]]:
    """Key, value and headers of that many messages."""
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "test", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    messages = consumer.consume(count, timeout=20)
    consumer.close()
    return [
        (
            (message.key() or b"").decode(),
            json.loads(message.value() or b""),
            {name: value.decode() for name, value in message.headers() or []},  # type: ignore[union-attr, str-unpack]
        )
        for message in messages
    ]


def watched(broker: str, *options: str, lines: int) -> list[dict[str, object]]:
    """That many events that `communique watch` writes into a pipe before a Ctrl-C."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [COMMUNIQUE, "watch", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment(**{SERVERS: broker}),
    ) as watching:  # fmt: skip
        assert watching.stdout is not None
        events = [json.loads(watching.stdout.readline()) for _ in range(lines)]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 0
    return events


def test_sent_statements_are_keyed_by_their_id_and_are_cloud_events(broker: str) -> None:
    ended = run("send", SAMPLES, **{SERVERS: broker})
    assert ended.stdout == f"27 sent to statements at {broker}\n"
    assert (ended.stderr, ended.returncode) == ("", 0)
    messages = read(broker, "statements", 27)
    assert {key for key, _, _ in messages} == {f"sample-{number:02}" for number in range(1, 28)}
    for key, value, headers in messages:
        assert value["statement_id"] == headers["ce_id"] == key
        assert headers["ce_type"] == "communique.statement.v1"
        assert headers["content-type"] == "application/json"


def test_unreadable_lines_are_not_sent_and_give_1(broker: str) -> None:
    ended = run("send", "-", stdin=b'{"id": "a", "text": "x"}\n{"id": "b"}\n', **{SERVERS: broker})
    assert "standard input:2: schema: text" in ended.stderr
    assert (ended.stdout, ended.returncode) == (f"1 sent to statements at {broker}\n", 1)


def test_a_statement_is_sent_whatever_its_size_since_the_topic_decides(broker: str) -> None:
    lines = [{"id": "large", "text": "x", "title": "y" * 1_500_000}, {"id": "next", "text": "x"}]
    ended = run("send", "-", stdin="\n".join(map(json.dumps, lines)).encode(), **{SERVERS: broker})
    assert (ended.stdout, ended.stderr, ended.returncode) == (f"2 sent to statements at {broker}\n", "", 0)


@pytest.mark.parametrize("command", [["send", str(SAMPLES)], ["watch"], ["redrive"]])
def test_kafka_that_does_not_answer_is_named_with_70(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "ANSWER_SECONDS", 0.5)
    ended = CliRunner().invoke(app, command, env={SERVERS: "127.0.0.1:1"})
    assert "no answer from Kafka at 127.0.0.1:1" in ended.stderr
    assert ended.exit_code == 70


@pytest.mark.parametrize(
    ("command", "setting"),
    [
        (["send", str(SAMPLES)], "STATEMENTS"),
        (["watch"], "RESULTS"),
        (["watch", "--rejects"], "REJECTS"),
        (["redrive"], "STATEMENTS"),
        (["redrive", "--dry-run"], "REJECTS"),
    ],
)
def test_a_topic_that_is_not_there_is_named_with_78(broker: str, command: list[str], setting: str) -> None:
    ended = CliRunner().invoke(app, command, env={SERVERS: broker, f"COMMUNIQUE_{setting}_TOPIC": "nowhere"})
    assert "has no topic nowhere" in ended.stderr
    assert ended.exit_code == 78


def test_watch_writes_every_field_of_a_result_as_a_line_and_skips_what_is_none(broker: str) -> None:
    publish(broker, "statements.classified", b"no JSON")
    publish(broker, "statements.classified", json.dumps(EVENT, indent=1).encode())
    assert watched(broker, "--from-beginning", lines=1) == [EVENT]


def test_watch_goes_on_with_what_kafka_keeps_where_retention_overtakes_it(broker: str) -> None:
    with subprocess.Popen(  # noqa: S603 - our own program
        [COMMUNIQUE, "watch", "--from-beginning"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment(**{SERVERS: broker}),
    ) as watching:  # fmt: skip
        assert watching.stdout is not None
        publish(broker, "statements.classified", b'"first"')
        assert watching.stdout.readline() == b'"first"\n'
        watching.send_signal(signal.SIGSTOP)
        for _ in range(15):  # the embedded broker keeps 5 MiB of a partition
            publish(broker, "statements.classified", b'"%s"' % (b"x" * 500_000))
        publish(broker, "statements.classified", b'"last"')
        watching.send_signal(signal.SIGCONT)
        late = threading.Timer(20, watching.kill)
        late.start()
        assert b'"last"\n' in iter(watching.stdout.readline, b"")
        late.cancel()
        watching.kill()


def test_watch_keeps_every_byte_of_a_reject(broker: str) -> None:
    headers = [("communique.reason", b"not_utf8"), ("odd", b"\xff"), ("none", None)]
    publish(broker, "statements.rejected", b"\xff", key=b"k", headers=headers)
    assert watched(broker, "--rejects", "--from-beginning", lines=1) == [
        {
            "key": "k",
            "value_base64": "/w==",
            "headers": [["communique.reason", "not_utf8"], ["odd", {"base64": "/w=="}], ["none", None]],
            "partition": 0,
            "offset": 0,
        }
    ]


def test_watch_shows_a_person_the_text_that_a_result_comes_from(broker: str, terminal: Callable[..., Terminal]) -> None:
    publish(broker, "statements", b'{"statement_id": "s-1", "text": "We build ports."}')
    publish(broker, "statements.classified", b"no JSON")
    publish(broker, "statements.classified", json.dumps(EVENT).encode())
    window = terminal("watch", "--from-beginning", **{SERVERS: broker})
    screen = window.wait_for("not_addressed")
    assert "We build ports." in screen
    assert "“ports”" in screen
    assert "partition 0 offset 0: found no labelled statement" in screen
    window.interrupt()
    assert window.end() == 0


def test_watch_shows_a_result_whose_statement_is_gone(broker: str, terminal: Callable[..., Terminal]) -> None:
    publish(broker, "statements.classified", json.dumps(EVENT).encode())
    assert "“ports”" in terminal("watch", "--from-beginning", **{SERVERS: broker}).wait_for("not_addressed")


@pytest.mark.parametrize("part", [{"partition": 99_999_999_999}, {"offset": -5}, {"topic": "x" * 3000}], ids=list)
def test_watch_shows_a_foreign_result_whose_origin_is_no_place(
    broker: str, terminal: Callable[..., Terminal], part: dict[str, str | int]
) -> None:
    origin = {"topic": "statements", "partition": 0, "offset": 0} | part
    publish(broker, "statements.classified", json.dumps({**EVENT, "origin": origin}).encode())
    assert "“ports”" in terminal("watch", "--from-beginning", **{SERVERS: broker}).wait_for("not_addressed")


def test_watch_shows_a_person_why_something_was_rejected(broker: str, terminal: Callable[..., Terminal]) -> None:
    headers = [("communique.reason", b"not_json"), ("communique.error", b"expected value at column 1")]
    publish(broker, "statements.rejected", b"\x1b[2Jjunk", headers=headers)
    window = terminal("watch", "--rejects", "--from-beginning", **{SERVERS: broker})
    screen = window.wait_for("junk")
    assert "not_json" in screen
    assert "expected value at column 1" in screen
    assert "\x1b[2J" not in window.raw


def test_a_long_file_shows_its_progress_while_it_is_sent(
    broker: str, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    (tmp_path / "many.jsonl").write_bytes(SAMPLES.read_bytes() * 50)
    with (tmp_path / "out").open("wb") as out:
        window = terminal("send", tmp_path / "many.jsonl", stdout=out, **{SERVERS: broker})
        assert window.end() == 0
    assert "Sending many.jsonl" in window.screen
    assert (tmp_path / "out").read_text() == f"{27 * 50} sent to statements at {broker}\n"
