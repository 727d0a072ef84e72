"""On a real Kafka every reject is sent back once, as it came, whatever happens to the redrive."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from typer.testing import CliRunner, Result

from services.classifier.events import RejectReason
from services.classifier.settings import Settings
from services.cli.app import app
from tests.kafka.slow_redrive import BATCH_SIZE
from tests.services.classifier.hostile import HOSTILE, body
from tests.services.classifier.running import FirstWordClassifier, Names, open_topics, running
from tests.services.cli.programs import environment
from tests.services.cli.rejecting import Rejected, contents, publish, read_all

ATTEMPT = "communique.attempt"
PATIENCE_SECONDS = 60
MakeTopics = Callable[..., Names]


def settings_on(kafka: str, names: Names, **others: object) -> dict[str, object]:
    """Settings with topics and a group of the test's own."""
    return {
        "bootstrap_servers": kafka,
        "group": names.statements,
        "statements_topic": names.statements,
        "results_topic": names.results,
        "rejects_topic": names.rejects,
        **others,
    }


def service_on(kafka: str, names: Names, **others: object) -> Settings:
    """Settings of a service."""
    served = {"http_host": "127.0.0.1", "http_port": 0, "session_timeout_seconds": 6, **others}
    return Settings(**settings_on(kafka, names, **served))  # type: ignore[arg-type]


def variables(kafka: str, names: Names) -> dict[str, str]:
    """The settings as an operator gives them."""
    return {f"COMMUNIQUE_{name.upper()}": str(value) for name, value in settings_on(kafka, names).items()}


def redrive(kafka: str, names: Names, *options: str) -> Result:
    """Run the command to its end."""
    return CliRunner().invoke(app, ["redrive", *options], env=variables(kafka, names))


@contextmanager
def held(kafka: str, names: Names) -> Iterator[subprocess.Popen[str]]:
    """A redrive as a process of its own, once it holds its first transaction open; killed at the latest at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kafka.slow_redrive", "redrive"],
        env=environment(**variables(kafka, names)),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            wait_until_holding(process)
            yield process
        finally:
            process.kill()


def wait_until_holding(process: subprocess.Popen[str]) -> None:
    """Wait until a redrive holds its next transaction open."""
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"


def let_go(process: subprocess.Popen[str]) -> None:
    """Let a redrive commit the transaction that it holds."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def numbered(count: int, **others: RejectReason) -> list[Rejected]:
    """Rejects with keys of their own, in three partitions."""
    return [Rejected(b"%d" % number, partition=number % 3, **others) for number in range(count)]


def keys(messages: list[Message]) -> Counter[bytes | None]:
    """How often each key came."""
    return Counter(message.key() for message in messages)


def once(count: int) -> Counter[bytes | None]:
    """Each of the numbered rejects' keys once."""
    return Counter(b"%d" % number for number in range(count))


def offsets(kafka: str, names: Names) -> list[int]:
    """Where the redrives' group stands in each partition; -1001 where nowhere yet."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": f"{names.statements}-redrive"})
    places = [TopicPartition(names.rejects, partition) for partition in range(3)]
    found = [place.offset for place in consumer.committed(places, timeout=PATIENCE_SECONDS)]
    consumer.close()
    return found


def test_what_the_service_rejects_is_sent_back_byte_for_byte(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics(partitions=1)
    with (
        open_topics(kafka, names) as topics,
        running(service_on(kafka, names), FirstWordClassifier(poison="POISON")),
    ):
        topics.send(*({"key": one.key, "value": one.value, "headers": one.headers} for one in HOSTILE))
        topics.outcomes(len(HOSTILE))
    assert redrive(kafka, names).exit_code == 0
    sent = [contents(message) for message in read_all(kafka, names.statements)[len(HOSTILE) :]]
    assert sent == [(one.key, one.value, [*one.headers, (ATTEMPT, b"1")]) for one in HOSTILE if one.reason is not None]


def test_a_dry_run_changes_nothing(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics()
    publish(kafka, *numbered(9), names=names)
    ended = redrive(kafka, names, "--dry-run")
    assert (ended.exit_code, "9 would be sent" in ended.stdout) == (0, True)
    assert (read_all(kafka, names.statements), offsets(kafka, names)) == ([], [-1001] * 3)


def test_what_is_passed_over_for_its_reason_is_sent_when_it_is_asked_for(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics()
    reasons = [*RejectReason] * 3
    publish(
        kafka,
        *(Rejected(reason.encode(), reason=reason, partition=n % 3) for n, reason in enumerate(reasons)),
        names=names,
    )
    asked = [
        ["--reason", "schema"],
        ["--reason", "poison", "--limit", "2"],
        ["--reason", "schema", "--reason", "poison"],
    ]
    for options, found in zip(asked, (3, 5, 6), strict=True):
        assert redrive(kafka, names, *options).exit_code == 0
        assert len(read_all(kafka, names.statements)) == found
    assert redrive(kafka, names).exit_code == 0
    assert keys(read_all(kafka, names.statements)) == Counter(reason.encode() for reason in reasons)
    assert redrive(kafka, names).stdout.startswith("0 sent")
    assert redrive(kafka, names, "--from-beginning", "--reason", "empty").stdout.splitlines()[0].split()[0] == "3"
    assert redrive(kafka, names).stdout.startswith("0 sent")


def test_kill_9_in_a_transaction_loses_nothing_and_doubles_nothing(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics()
    publish(kafka, *numbered(1000), names=names)
    for _ in range(2):
        with held(kafka, names) as process:
            let_go(process)
            wait_until_holding(process)
            process.kill()
    assert redrive(kafka, names).exit_code == 0
    assert keys(read_all(kafka, names.statements)) == once(1000)
    assert sum(offsets(kafka, names)) >= 1000
    copies = read_all(kafka, names.statements, "read_uncommitted")
    assert len(copies) == 1000 + 2 * BATCH_SIZE, "not every kill hit an open transaction"


def test_of_two_redrives_at_once_the_second_takes_over(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics()
    publish(kafka, *numbered(300), names=names)
    with held(kafka, names) as first:
        let_go(first)
        wait_until_holding(first)
        assert redrive(kafka, names).stdout.splitlines()[0].split() == ["200", "not_json", "sent"]
        _, said = first.communicate("\n", PATIENCE_SECONDS)
    assert "another redrive has taken over" in said
    assert first.returncode == 70
    assert keys(read_all(kafka, names.statements)) == once(300)


def test_ctrl_c_ends_it_behind_a_transaction_and_a_new_start_goes_on(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics()
    publish(kafka, *numbered(300), names=names)
    with held(kafka, names) as process:
        process.send_signal(signal.SIGINT)
        output, said = process.communicate("\n", PATIENCE_SECONDS)
    assert f"{BATCH_SIZE} sent" in output
    assert "stopped by Ctrl-C; start it again to go on" in said
    assert process.returncode == 1
    assert len(read_all(kafka, names.statements)) == BATCH_SIZE
    assert redrive(kafka, names).exit_code == 0
    assert keys(read_all(kafka, names.statements)) == once(300)


def test_what_fails_again_goes_round_until_the_guard_stops_it(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics(partitions=1)
    with open_topics(kafka, names) as topics, running(service_on(kafka, names), FirstWordClassifier()):
        topics.send({"key": b"k", "value": b"{"})
        for attempt in (b"1", b"2", b"3"):
            (reject,) = topics.outcomes(1)
            assert dict(reject.headers() or [])[ATTEMPT] == attempt
            ended = redrive(kafka, names)
        assert ended.exit_code == 1
        assert "left: as many attempts" in ended.stdout
        assert topics.outcomes(0) == []
        assert redrive(kafka, names, "--max-attempts", "4").exit_code == 0
        (reject,) = topics.outcomes(1)
    assert dict(reject.headers() or [])[ATTEMPT] == b"4"


def test_a_reject_is_labelled_once_its_cause_is_gone(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics(partitions=1)
    with open_topics(kafka, names) as topics:
        with running(service_on(kafka, names, result_max_bytes=1000), FirstWordClassifier()):
            topics.send({"key": b"k", "value": body(title="x" * 2000)})
            (reject,) = topics.outcomes(1)
        assert dict(reject.headers() or [])["communique.reason"] == b"too_large"
        assert redrive(kafka, names).exit_code == 0
        with running(service_on(kafka, names), FirstWordClassifier()):
            (result,) = topics.outcomes(1)
    assert (result.topic(), result.key()) == (names.results, b"k")


def test_what_the_rejects_topic_did_not_take_is_fetched_from_its_origin(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics(partitions=1, rejects={"max.message.bytes": "50000"})
    large = (b"large", b"{" + os.urandom(100_000), [("x", b"\xff"), ("none", None)])
    with open_topics(kafka, names) as topics, running(service_on(kafka, names), FirstWordClassifier()):
        topics.send({"key": large[0], "value": large[1], "headers": large[2]})
        (reject,) = topics.outcomes(1)
    assert (reject.key(), reject.value()) == (None, None)
    assert redrive(kafka, names).exit_code == 0
    _, sent = read_all(kafka, names.statements)
    assert contents(sent) == (*large[:2], [*large[2], (ATTEMPT, b"1")])


def test_what_the_statements_topic_does_not_take_is_left_and_holds_up_no_other(
    kafka: str, make_topics: MakeTopics
) -> None:
    names = make_topics(partitions=1, statements={"max.message.bytes": "5000"})
    rejects = [Rejected(b"%d" % number, os.urandom(20_000 if number == 5 else 10)) for number in range(9)]
    publish(kafka, *rejects, names=names)
    ended = redrive(kafka, names)
    assert "partition 0 offset 5: left: larger than the statements topic takes" in ended.stderr
    assert ended.exit_code == 1
    assert [message.key() for message in read_all(kafka, names.statements)] == [b"%d" % n for n in range(9) if n != 5]


def test_a_reject_that_is_not_committed_yet_is_left_to_the_next_redrive(kafka: str, make_topics: MakeTopics) -> None:
    names = make_topics(partitions=1)
    publish(kafka, Rejected(b"before"), names=names)
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": names.rejects})
    producer.init_transactions(PATIENCE_SECONDS)
    producer.begin_transaction()
    outcome = Rejected(b"within").outcome(names)
    producer.produce(outcome.topic, outcome.value, outcome.key, headers=[*outcome.headers])
    assert producer.flush(PATIENCE_SECONDS) == 0
    publish(kafka, Rejected(b"behind"), names=names)
    assert redrive(kafka, names).exit_code == 0
    assert keys(read_all(kafka, names.statements)) == Counter([b"before"])
    producer.commit_transaction(PATIENCE_SECONDS)
    assert redrive(kafka, names).exit_code == 0
    assert keys(read_all(kafka, names.statements)) == Counter([b"before", b"within", b"behind"])
