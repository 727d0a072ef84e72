"""`communique redrive`: what it sends, what it leaves and what it says, against a broker."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from typer.testing import CliRunner, Result

from services.classifier import publisher
from services.classifier.events import RejectReason
from services.cli import decisions, redriving
from services.cli.app import app
from services.cli.marks import MOST_ATTEMPTS
from services.embedded_broker import embedded_broker
from tests.services.classifier.header_names import send_with_header_name
from tests.services.cli.programs import Terminal, run
from tests.services.cli.rejecting import Rejected, contents, publish, read_all

SERVERS = "COMMUNIQUE_BOOTSTRAP_SERVERS"
WEEK_MILLISECONDS = 7 * 24 * 3600 * 1000
ATTEMPT = "communique.attempt"


def redrive(broker: str, *options: str) -> Result:
    """Run the command to its end."""
    return CliRunner().invoke(app, ["redrive", *options], env={SERVERS: broker, "COLUMNS": "100"})


def rows(ended: Result) -> list[list[str]]:
    """The words of each line that it wrote."""
    return [line.split() for line in ended.stdout.splitlines()]


def sent(broker: str) -> list[bytes | None]:
    """The keys of the statements sent back."""
    return [message.key() for message in read_all(broker, "statements")]


def test_a_reject_is_sent_back_as_it_came_with_its_attempts(broker: str) -> None:
    headers = [("x", b"\xff"), ("", b""), ("none", None), ("communique.reason", b"forged"), ("x", b"again")]
    publish(broker, Rejected(b"\xff\0", b"\xfe", headers), Rejected(None, b"", attempt=2))
    ended = redrive(broker)
    assert (ended.exit_code, ended.stderr) == (0, "")
    found = {message.key(): contents(message) for message in read_all(broker, "statements")}
    assert found[b"\xff\0"] == (b"\xff\0", b"\xfe", [*headers, (ATTEMPT, b"1")])
    assert found[None] == (None, b"", [(ATTEMPT, b"1"), (ATTEMPT, b"2")])


def test_a_key_goes_to_the_partition_that_send_gives_it(broker: str) -> None:
    keys = [f"statement-{number}".encode() for number in range(20)]
    lines = b"".join(b'{"id": "%s", "text": "We met."}\n' % key for key in keys)
    assert run("send", "-", stdin=lines, **{SERVERS: broker}).returncode == 0
    publish(broker, *(Rejected(key) for key in keys))
    assert redrive(broker).exit_code == 0
    places = {(message.key(), message.partition()) for message in read_all(broker, "statements")}
    assert len(places) == len(keys)
    assert {partition for _, partition in places} == {0, 1}


def test_a_dry_run_says_for_each_reason_what_would_be_sent_and_sends_nothing(broker: str) -> None:
    schema = Rejected(reason=RejectReason.SCHEMA)
    publish(broker, schema, Rejected(), schema, Rejected(reason=RejectReason.POISON))
    ended = redrive(broker, "--dry-run", "--reason", "schema", "--reason", "not_json")
    assert rows(ended)[:3] == [
        ["1", "not_json", "would", "be", "sent"],
        ["1", "poison", "passed", "over:", "another", "reason"],
        ["2", "schema", "would", "be", "sent"],
    ]
    assert ended.stdout.endswith(f"3 would be sent to statements at {broker}\n")
    assert ended.exit_code == 0
    assert sent(broker) == []


def test_only_the_reasons_asked_for_are_sent(broker: str) -> None:
    publish(broker, *(Rejected(reason.encode(), reason=reason) for reason in RejectReason))
    ended = redrive(broker, "--reason", "schema", "--reason", "poison")
    assert sorted(sent(broker)) == [b"poison", b"schema"]
    assert ended.exit_code == 0


def test_what_had_its_attempts_is_left_and_gives_1(broker: str) -> None:
    publish(broker, Rejected(b"2", attempt=2), Rejected(b"3", attempt=3), Rejected(b"1000", attempt=1000))
    ended = redrive(broker)
    assert ["1", "not_json", "sent"] in rows(ended)
    assert "2  not_json  left: as many attempts as --max-attempts" in ended.stdout
    assert (sent(broker), ended.exit_code) == ([b"2"], 1)


def test_more_attempts_are_allowed_where_they_are_asked_for(broker: str) -> None:
    publish(broker, Rejected(b"3", attempt=3), Rejected(b"4", attempt=4))
    assert redrive(broker, "--max-attempts", "4").exit_code == 1
    assert sent(broker) == [b"3"]


def test_no_more_are_sent_than_the_limit(broker: str) -> None:
    publish(broker, *(Rejected(b"%d" % number) for number in range(5)))
    ended = redrive(broker, "--limit", "2")
    assert (sorted(sent(broker)), ended.exit_code) == ([b"0", b"1"], 0)


def test_more_than_a_transaction_takes_is_sent_in_order(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "BATCH_BYTES", 2500)
    monkeypatch.setattr(decisions, "BATCH_SIZE", 4)
    publish(broker, *(Rejected(b"k", b"%d" % number * (1000 if number > 9 else 1)) for number in range(20)))
    assert redrive(broker).exit_code == 0
    values = [message.value() for message in read_all(broker, "statements")]
    assert values == [b"%d" % number * (1000 if number > 9 else 1) for number in range(20)]


def test_nothing_to_send_is_said_and_good(broker: str) -> None:
    ended = redrive(broker)
    assert (ended.stdout, ended.exit_code) == (f"0 sent to statements at {broker}\n", 0)


def original(broker: str) -> tuple[str, int, int, int]:
    """Where a statement stands that the rejects topic did not take."""
    producer = Producer({"bootstrap.servers": broker})
    producer.produce("statements", b"large", b"L", headers=[("x", b"\xff")], partition=1, timestamp=1_700_000_000_000)
    assert producer.flush(30) == 0
    return ("statements", 1, 0, 1_700_000_000_000)


def emptied(origin: tuple[str, int, int, int], **others: int) -> Rejected:
    """A reject without contents."""
    return Rejected(reason=RejectReason.TOO_LARGE, contents=False, origin=origin, **others)


def test_a_reject_without_contents_is_fetched_from_its_origin(broker: str) -> None:
    publish(broker, emptied(original(broker)))
    assert redrive(broker).exit_code == 0
    first, second = sorted(map(contents, read_all(broker, "statements")), key=lambda one: len(one[2]))
    assert second == (*first[:2], [*first[2], (ATTEMPT, b"1")])


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (0, "secrets"),
        (1, 7),
        (1, 2**31 - 1),
        (2, 7),
        (2, 2**63 - 1),
        (3, 1_700_000_000_001),
    ],
    ids=["another topic", "no partition", "the last partition", "no offset", "the last offset", "another message"],
)
def test_a_reject_without_contents_whose_origin_is_gone_or_forged_is_named_and_left(
    broker: str, part: int, value: str | int
) -> None:
    origin = [*original(broker)]
    origin[part] = value
    publish(broker, emptied(tuple(origin)), Rejected(b"next"))  # type: ignore[arg-type]
    ended = redrive(broker)
    assert "partition 0 offset 0: left: larger than the rejects topic takes, and gone" in " ".join(ended.stderr.split())
    assert (sorted(sent(broker)), ended.exit_code) == ([b"L", b"next"], 1)


def test_no_other_topic_is_read_whatever_a_reject_says_of_its_origin(broker: str) -> None:
    publish(broker, emptied(("statements.classified", 0, 0, 1_700_000_000_000)))
    producer = Producer({"bootstrap.servers": broker})
    producer.produce("statements.classified", b"secret", partition=0, timestamp=1_700_000_000_000)
    assert producer.flush(30) == 0
    assert redrive(broker).exit_code == 1
    assert sent(broker) == []


def test_a_tombstone_is_sent_back_as_one(broker: str) -> None:
    publish(broker, Rejected(None, None, reason=RejectReason.EMPTY))
    assert redrive(broker).exit_code == 0
    assert [contents(message) for message in read_all(broker, "statements")] == [(None, None, [(ATTEMPT, b"1")])]


def test_what_the_service_did_not_write_is_named_and_left(broker: str) -> None:
    producer = Producer({"bootstrap.servers": broker})
    producer.produce("statements.rejected", b"x", headers=[("communique.reason", b"schema")])
    assert producer.flush(30) == 0
    send_with_header_name(broker, b"{", b"\xff\xfe", "statements.rejected")
    publish(broker, Rejected(b"good"))
    ended = redrive(broker)
    assert "partition 0 offset 0: left: not written by the service" in ended.stderr
    assert "partition 0 offset 1: left: not written by the service" in ended.stderr
    assert (sent(broker), ended.exit_code) == ([b"good"], 1)


def test_nothing_of_a_reject_is_shown(broker: str) -> None:
    publish(broker, Rejected(b"\x1b[2J", b"Plenipotentiary", [("Plenipotentiary", b"\x1b[2J")], attempt=9))
    publish(broker, emptied(("Plenipotentiary\x1b[2J", 0, 0, 0)))
    ended = redrive(broker)
    assert "Plenipotentiary" not in ended.output
    assert "\x1b" not in ended.output


def test_rejects_whose_marks_kafka_may_have_forgotten_are_not_sent_unasked(broker: str) -> None:
    old = int(time.time() * 1000) - WEEK_MILLISECONDS - 60_000
    publish(broker, Rejected(b"old", timestamp=old), Rejected(b"new"))
    ended = redrive(broker)
    assert "say --from-beginning" in " ".join(ended.stderr.split())
    assert (sent(broker), ended.exit_code) == ([], 2)
    assert redrive(broker, "--from-beginning").exit_code == 0
    assert sorted(sent(broker)) == [b"new", b"old"]


def test_rejects_of_less_than_a_week_are_sent_at_the_first_redrive(broker: str) -> None:
    publish(broker, Rejected(timestamp=int(time.time() * 1000) - WEEK_MILLISECONDS + 600_000))
    assert redrive(broker).exit_code == 0
    assert len(sent(broker)) == 1


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--reason", "no such"], ["'no such' is not one of", *map(repr, map(str, RejectReason))]),
        (["--max-attempts", "1"], ["greater than or equal to 2"]),
        (["--max-attempts", str(MOST_ATTEMPTS + 1)], [f"less than or equal to {MOST_ATTEMPTS}"]),
        (["--limit", "0"], ["greater than or equal to 1"]),
        (["extra"], ["unexpected extra argument"]),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(options: list[str], wanted: list[str]) -> None:
    ended = redrive("127.0.0.1:1", *options)
    assert ended.exit_code == 2
    said = " ".join(ended.stderr.replace("│", " ").split())
    assert all(word in said for word in wanted), said


def test_the_help_lists_every_reason_and_says_what_a_new_start_does() -> None:
    words = " ".join(run("redrive", "--help", COLUMNS="200").stdout.replace("│", " ").split())
    assert ", ".join(RejectReason) in words
    assert "Start it again and it goes on" in words
    assert "labelled a second time" in words


def test_a_person_sees_how_far_it_is(broker: str, terminal: Callable[..., Terminal]) -> None:
    publish(broker, *(Rejected(b"k", bytes(500)) for _ in range(3000)))
    window = terminal("redrive", **{SERVERS: broker})
    screen = window.wait_for("3000 sent to statements")
    assert window.end() == 0
    assert "Redriving" in screen


def test_a_pipe_sees_no_progress(broker: str) -> None:
    publish(broker, Rejected())
    ended = run("redrive", **{SERVERS: broker})
    assert (ended.stderr, ended.returncode) == ("", 0)


def test_a_redrive_that_kafka_kept_waiting_does_not_take_its_name_anew_and_so_back_from_a_later_one(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, waits = [], [KafkaError(KafkaError._TIMED_OUT, "again", False, True, False)]

    class Waiting(Producer):
        def init_transactions(self, *arguments: object) -> None:
            made.append(self)
            super().init_transactions(*arguments)

        def commit_transaction(self, *arguments: object) -> None:
            if waits:
                raise KafkaException(waits.pop())
            super().commit_transaction(*arguments)

    monkeypatch.setattr(publisher, "Producer", Waiting)
    monkeypatch.setattr(decisions, "BATCH_SIZE", 1)
    publish(broker, Rejected(), Rejected())
    assert redrive(broker).exit_code == 0
    assert (len(made), waits) == (1, [])


def test_a_redrive_that_kafka_fences_off_is_told_both_causes_with_70(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fenced(Producer):
        def commit_transaction(self, *_: object) -> None:
            raise KafkaException(KafkaError(KafkaError._FENCED, "fenced", True, False, False))

    monkeypatch.setattr(publisher, "Producer", Fenced)
    publish(broker, Rejected())
    ended = redrive(broker)
    assert "another redrive has taken over, or this one was paused for too long; start it again" in ended.stderr
    assert ended.exit_code == 70


def test_a_partition_that_falls_silent_ends_it_with_70_while_rejects_come_to_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redriving.Backlog, "ends", lambda _: {0: 1, 1: 5})  # in 1 more than there ever will be
    monkeypatch.setattr("services.cli.kafka.SILENCE_SECONDS", 1)
    ended = Event()

    def go_on_publishing() -> None:
        for _ in range(100):
            publish(broker, Rejected())
            ended.wait(0.1)

    with embedded_broker({"statements": 1, "statements.rejected": 2}) as broker, ThreadPoolExecutor() as beside:
        coming = beside.submit(go_on_publishing)
        said = redrive(broker).stderr
        assert not coming.done()
        ended.set()
    assert "no answer for 1 s" in said


def test_a_broker_that_falls_silent_ends_it_with_70(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(broker, Rejected())
    monkeypatch.setattr(redriving.Backlog, "ends", lambda _: {0: 5})  # more than there ever will be
    monkeypatch.setattr("services.cli.kafka.SILENCE_SECONDS", 1)
    ended = redrive(broker)
    assert "no answer for 1 s" in ended.stderr
    assert ended.exit_code == 70
