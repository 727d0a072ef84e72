"""On a Kafka that trusts nobody the service works with the rights of the README, and says what it is refused."""

import json
import logging
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka.admin import AclOperation, ResourceType
from typer.testing import CliRunner

from services.classifier import access
from services.classifier.troubles import Trouble
from services.cli.app import app
from tests.kafka.place import Connection, Place, by_certificate, by_password, by_token, told, troubles
from tests.kafka.secured import Right, Secured
from tests.services.classifier.hostile import body
from tests.services.classifier.running import FirstWordClassifier, open_topics, running, started
from tests.services.classifier.test_health import eventually
from tests.services.cli.programs import COMMUNIQUE, environment
from tests.services.cli.rejecting import Rejected, publish

pytestmark = pytest.mark.usefixtures("ask_often", "no_secret_is_logged")


@contextmanager
def watching(place: Place, connection: Connection, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """`communique watch` from the beginning, ended by Ctrl-C."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [COMMUNIQUE, "watch", "--from-beginning", *options],
        stdout=subprocess.PIPE,
        env=environment(**place.environment(connection)),
    ) as process:
        try:
            yield process
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("connect", [by_password, by_token, by_certificate])
def test_with_just_its_rights_the_service_labels_exactly_once(
    place: Place, tmp_path: Path, connect: Callable[[Secured, str], Connection]
) -> None:
    sender, watcher = f"sender-{place.names.statements}", f"watcher-{place.names.statements}"
    place.secured.grant(place.user, *place.rights.values())
    place.secured.grant(sender, Right(ResourceType.TOPIC, place.names.statements, AclOperation.WRITE))
    for topic in (place.names.results, place.names.statements):
        place.secured.grant(watcher, Right(ResourceType.TOPIC, topic, AclOperation.READ))
    file = tmp_path / "statements.jsonl"
    file.write_bytes(b"\n".join(body(statement_id=str(number)) for number in range(50)))
    with running(place.settings(connect(place.secured, place.user)), FirstWordClassifier()) as service:
        sent = CliRunner().invoke(app, ["send", str(file)], env=place.environment(connect(place.secured, sender)))
        assert (sent.exit_code, sent.stderr) == (0, "")
        with watching(place, connect(place.secured, watcher)) as process:
            assert process.stdout is not None
            seen = [json.loads(process.stdout.readline())["statement_id"] for _ in range(50)]
        assert eventually(lambda: troubles(service) == [])
    assert sorted(seen, key=int) == [str(number) for number in range(50)]
    assert place.committed() == 50
    with open_topics(place.secured.plain, place.names) as topics:
        assert len(topics.outcomes(50)) == 50
    assert place.secured.denials(place.user) == 0


def test_at_least_once_needs_no_right_to_a_transactional_id(place: Place) -> None:
    place.secured.grant(place.user, *(right for name, right in place.rights.items() if name != "id"))
    settings = place.settings(by_password(place.secured, place.user), delivery="at_least_once")
    with open_topics(place.secured.plain, place.names) as topics, running(settings, FirstWordClassifier()):
        topics.send({"value": body()}, {"value": b"{"})
        assert len(topics.outcomes(2)) == 2
    assert place.committed() == 2
    assert place.secured.denials(place.user) == 0


def test_with_just_its_rights_a_redrive_sends_back_and_a_watcher_sees_rejects(place: Place) -> None:
    redriver, watcher, group = f"redriver-{place.user}", f"watcher-{place.user}", f"{place.names.statements}-redrive"
    read_rejects = Right(ResourceType.TOPIC, place.names.rejects, AclOperation.READ)
    place.secured.grant(watcher, read_rejects)
    place.secured.grant(
        redriver,
        read_rejects,
        Right(ResourceType.GROUP, group, AclOperation.READ),
        Right(ResourceType.TOPIC, place.names.statements, AclOperation.WRITE),
        Right(ResourceType.TRANSACTIONAL_ID, group, AclOperation.WRITE),
    )
    publish(place.secured.plain, Rejected(b"{"), names=place.names)
    with watching(place, by_password(place.secured, watcher), "--rejects") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["value"] == "{"
    variables = place.environment(by_password(place.secured, redriver) | {"group": place.names.statements})
    ended = CliRunner().invoke(app, ["redrive"], env=variables)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert f"1 sent to {place.names.statements}" in ended.stdout
    assert place.secured.denials(redriver) == 0


MISSING = {
    "read": (Trouble.READ_STATEMENTS, "READ on topic statements-"),
    "results": (Trouble.WRITE_RESULTS, "WRITE on topic classified-"),
    "rejects": (Trouble.WRITE_REJECTS, "WRITE on topic rejected-"),
    "group": (Trouble.READ_AS_GROUP, "READ on group statements-"),
}


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_right_is_told_and_once_it_is_granted_the_service_goes_on(
    place: Place, caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    trouble, wanted = MISSING[missing]
    place.secured.grant(place.user, *(right for name, right in place.rights.items() if name != missing))
    settings = place.settings(by_password(place.secured, place.user))
    with (
        open_topics(place.secured.plain, place.names) as topics,
        running(settings, FirstWordClassifier()) as service,
    ):
        topics.send({"value": body(statement_id="1")}, {"value": b"{"})
        assert eventually(lambda: trouble in troubles(service))
        begun = time.monotonic()
        time.sleep(2)
        assert trouble in troubles(service)
        denied = place.secured.denials(place.user) / (time.monotonic() - begun)
        place.secured.grant(place.user, place.rights[missing])
        assert len(topics.outcomes(2)) == 2
        assert eventually(lambda: troubles(service) == [])
    (line,) = told(caplog, trouble)
    assert line.startswith(f"an ACL: {wanted}")
    assert denied < 10, "a storm of requests that Kafka denies"
    assert place.committed() == 2


@pytest.mark.parametrize("right", ["read", "results"])
def test_a_right_that_is_taken_and_given_back_loses_nothing_and_costs_a_restart_at_most(
    place: Place, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    monkeypatch.setattr(access, "PAUSE_SECONDS", 1)
    place.secured.grant(place.user, *place.rights.values())
    settings = place.settings(by_password(place.secured, place.user))
    with open_topics(place.secured.plain, place.names) as topics:
        with started(settings, FirstWordClassifier()) as (service, codes):
            topics.send({"value": body(statement_id="1")})
            topics.outcomes(1)
            place.secured.revoke(place.user, place.rights[right])
            assert eventually(lambda: MISSING[right][0] in troubles(service))
            topics.send({"value": body(statement_id="2")})
            place.secured.grant(place.user, place.rights[right])
            assert eventually(lambda: place.committed() == 2 or codes == [70])
        if codes == [70]:
            with running(settings, FirstWordClassifier()):
                assert eventually(lambda: place.committed() == 2)
        assert topics.outcomes(1)[0].topic() == place.names.results


def test_a_denied_transactional_id_ends_the_service_with_70_and_names_the_right(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.secured.grant(place.user, *(right for name, right in place.rights.items() if name != "id"))
    settings = place.settings(by_password(place.secured, place.user))
    with (
        open_topics(place.secured.plain, place.names) as topics,
        started(settings, FirstWordClassifier()) as (_, codes),
    ):
        topics.send({"value": body()})
        assert eventually(lambda: codes == [70])
    (line,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert f"wanted an ACL: WRITE on transactional id {place.names.statements}-1" in line.error  # type: ignore[attr-defined]


def test_a_topic_that_is_absent_is_told(place: Place) -> None:
    absent = place.settings({"bootstrap_servers": place.secured.plain}, rejects_topic="absent")
    with running(absent, FirstWordClassifier()) as service:
        assert eventually(lambda: Trouble.NO_TOPIC in troubles(service))


@pytest.mark.parametrize(("command", "topic"), [("send", "statements"), ("watch", "results")])
def test_a_command_without_a_right_names_the_topic_and_ends_with_78(
    place: Place, tmp_path: Path, command: str, topic: str
) -> None:
    file = tmp_path / "one.jsonl"
    file.write_bytes(body())
    arguments = [command, *([str(file)] if command == "send" else [])]
    connection = by_password(place.secured, place.user)
    ended = CliRunner().invoke(app, arguments, env=place.environment(connection))
    assert f"has no topic {getattr(place.names, topic)} that this user may see" in ended.stderr
    assert ended.exit_code == 78
