"""On a Kafka that trusts nobody the service works with the rights of the README, and says what it is refused."""

import gc
import json
import logging
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AclOperation, ResourceType
from typer.testing import CliRunner

from services.classifier import access
from services.classifier.service import Service
from services.classifier.settings import Settings
from services.classifier.troubles import Trouble
from services.cli import kafka
from services.cli.app import app
from tests.kafka import node
from tests.kafka.certificates import Authority
from tests.kafka.secured import CLIENT_SECRET, PASSWORD, Right, Secured, running_secured_node
from tests.kafka.tokens import SCOPE
from tests.services.classifier.hostile import body
from tests.services.classifier.running import FirstWordClassifier, Names, open_topics, running, started
from tests.services.classifier.test_health import eventually, get
from tests.services.cli.programs import COMMUNIQUE, environment

CLIENTS = 5
"""Of one worker: the consumer, FastStream's producer and admin, the transactional producer, and the one that asks."""
WRONG = "an open secret"
Connection = dict[str, str]


@pytest.fixture(scope="module")
def secured(libraries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A secured node."""
    with running_secured_node(libraries, tmp_path_factory.mktemp("secured")) as running_one:
        yield running_one


@pytest.fixture(autouse=True)
def ask_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the service ask more often than it does, for the tests' time."""
    monkeypatch.setattr(access, "PAUSE_SECONDS", 0.5)


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Every test here fails if a secret is in the logs."""
    yield
    assert not any(secret in caplog.text for secret in (PASSWORD, CLIENT_SECRET, WRONG))


def by_password(secured: Secured, name: str) -> Connection:
    """How a user connects with SCRAM."""
    secured.add_user(name)
    return {
        "bootstrap_servers": secured.named,
        "security_protocol": "SASL_SSL",
        "ssl_ca_location": str(secured.authority.certificate),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": name,
        "sasl_password": PASSWORD,
    }


def by_token(secured: Secured, name: str) -> Connection:
    """How a client of the identity provider connects."""
    return {
        "bootstrap_servers": secured.named,
        "security_protocol": "SASL_SSL",
        "ssl_ca_location": str(secured.authority.certificate),
        "sasl_mechanism": "OAUTHBEARER",
        "oauth_token_url": secured.token_url,
        "oauth_ca_location": str(secured.authority.certificate),
        "oauth_client_id": name,
        "oauth_client_secret": CLIENT_SECRET,
        "oauth_scope": SCOPE,
    }


def by_certificate(secured: Secured, name: str) -> Connection:
    """How the holder of a certificate connects."""
    pair = secured.authority.issue(name, PASSWORD)
    return {
        "bootstrap_servers": secured.mutual,
        "security_protocol": "SSL",
        "ssl_ca_location": str(secured.authority.certificate),
        "ssl_certificate_location": str(pair.certificate),
        "ssl_key_location": str(pair.key),
        "ssl_key_password": PASSWORD,
    }


@dataclass(frozen=True)
class Place:
    """Topics on the secured node, and the settings and rights of those who work with them."""

    secured: Secured
    names: Names

    @property
    def user(self) -> str:
        """The worker's name, its own in each test."""
        return f"worker-{self.names.statements}"

    def settings(self, connection: Connection, **others: object) -> Settings:
        """The worker's settings."""
        chosen = self.topics | {"group": self.names.statements, "instance": "1", "http_host": "127.0.0.1"}
        timeouts = {"session_timeout_seconds": 6, "transaction_timeout_seconds": 10, "http_port": 0}
        return Settings(**{**connection, **chosen, **timeouts, **others})  # type: ignore[arg-type]

    @property
    def topics(self) -> dict[str, str]:
        """The settings that name the topics."""
        names = self.names
        topics = {"statements": names.statements, "results": names.results, "rejects": names.rejects}
        return {f"{topic}_topic": name for topic, name in topics.items()}

    @property
    def rights(self) -> dict[str, Right]:
        """All that a worker needs, and no more."""
        names, group = self.names, self.names.statements
        return {
            "read": Right(ResourceType.TOPIC, names.statements, AclOperation.READ),
            "results": Right(ResourceType.TOPIC, names.results, AclOperation.WRITE),
            "rejects": Right(ResourceType.TOPIC, names.rejects, AclOperation.WRITE),
            "group": Right(ResourceType.GROUP, group, AclOperation.READ),
            "id": Right(ResourceType.TRANSACTIONAL_ID, f"{group}-1", AclOperation.WRITE),
        }

    def committed(self) -> int:
        """How many statements the group has done with."""
        looking = Consumer({"bootstrap.servers": self.secured.plain, "group.id": self.names.statements})
        places = [TopicPartition(self.names.statements, partition) for partition in range(2)]
        done = sum(max(0, place.offset) for place in looking.committed(places, timeout=30))
        looking.close()
        return done

    def environment(self, connection: Connection) -> dict[str, str]:
        """The variables of a command."""
        return {f"COMMUNIQUE_{name.upper()}": value for name, value in (connection | self.topics).items()}


@pytest.fixture
def place(secured: Secured) -> Place:
    """Topics of the test's own."""
    names = node.unique_names()
    node.make_topics(secured.plain, {name: {} for name in (names.statements, names.results, names.rejects)}, 2)
    return Place(secured, names)


def troubles(service: Service) -> list[str]:
    """What /ready says; nothing where it says that all is well."""
    status, page = get(service, "/ready")
    found: list[str] = json.loads(page)["troubles"]
    assert status == (503 if found else 200)
    return found


def told(caplog: pytest.LogCaptureFixture, trouble: Trouble) -> list[str]:
    """What would end a trouble, from each line of the log that tells of it as new."""
    lines = [record for record in caplog.records if record.levelno == logging.ERROR]
    return [record.wanted for record in lines if getattr(record, "trouble", None) is trouble]  # type: ignore[attr-defined]


@contextmanager
def watching(place: Place, connection: Connection) -> Iterator[subprocess.Popen[bytes]]:
    """`communique watch` from the beginning, ended by Ctrl-C."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [COMMUNIQUE, "watch", "--from-beginning"],
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


def unknown_authority(secured: Secured, connection: Connection) -> Connection:
    """The connection of one who trusts another authority."""
    return connection | {"ssl_ca_location": str(Authority(secured.folder, "stranger").certificate)}


def expired_certificate(secured: Secured, _: Connection) -> Connection:
    """The connection of one whose certificate is of the past."""
    connection = by_certificate(secured, "expired")
    secured.authority.issue("expired", PASSWORD, valid=timedelta(hours=-1))
    return connection


def no_certificate(secured: Secured, _: Connection) -> Connection:
    """The connection of one who shows none where one is asked for."""
    names = ("bootstrap_servers", "security_protocol", "ssl_ca_location")
    return {name: by_certificate(secured, "nobody")[name] for name in names}


def wrong_secret(secured: Secured, _: Connection) -> Connection:
    """The connection of one to whom no token is given."""
    return by_token(secured, "client") | {"oauth_client_secret": WRONG}


def wrong_password(_: Secured, connection: Connection) -> Connection:
    """The connection of one who does not know the password."""
    return connection | {"sasl_password": WRONG}


def no_tls(_: Secured, connection: Connection) -> Connection:
    """The connection of one who speaks plainly where TLS is wanted."""
    return {"bootstrap_servers": connection["bootstrap_servers"]}


REFUSED = [
    (wrong_password, Trouble.NOT_LET_IN, "COMMUNIQUE_SASL_PASSWORD"),
    (wrong_secret, Trouble.NO_TOKEN, "COMMUNIQUE_OAUTH_CLIENT_SECRET"),
    (unknown_authority, Trouble.NO_TRUST, "COMMUNIQUE_SSL_CA_LOCATION"),
    (expired_certificate, Trouble.NO_TRUST, "COMMUNIQUE_SSL_CERTIFICATE_LOCATION"),
    (no_certificate, Trouble.NO_TRUST, "COMMUNIQUE_SSL_CERTIFICATE_LOCATION"),
    (no_tls, Trouble.NO_ANSWER, "COMMUNIQUE_SECURITY_PROTOCOL"),
]


@pytest.mark.parametrize(("spoil", "trouble", "variable"), REFUSED)
def test_a_connection_that_is_refused_is_told_once_with_the_variable_to_look_at(
    place: Place,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Secured, Connection], Connection],
    trouble: Trouble,
    variable: str,
) -> None:
    monkeypatch.setattr(access, "ANSWER_SECONDS", 1)
    connection = spoil(place.secured, by_password(place.secured, place.user))
    with running(place.settings(connection), FirstWordClassifier()) as service:
        assert eventually(lambda: trouble in troubles(service))
        time.sleep(1)
        assert trouble in troubles(service)
    (wanted,) = told(caplog, trouble)
    assert variable in wanted


@pytest.mark.parametrize(("spoil", "variable"), [(spoil, variable) for spoil, _, variable in REFUSED])
def test_a_command_that_is_refused_names_the_variable_and_ends_with_70(
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Secured, Connection], Connection],
    variable: str,
) -> None:
    monkeypatch.setattr(kafka, "ANSWER_SECONDS", 1)
    (tmp_path / "one.jsonl").write_bytes(body())
    connection = spoil(place.secured, by_password(place.secured, place.user))
    ended = CliRunner().invoke(app, ["send", str(tmp_path / "one.jsonl")], env=place.environment(connection))
    assert variable in ended.stderr
    assert ended.exit_code == 70
    assert WRONG not in ended.output


def test_a_user_who_is_let_in_later_needs_no_restart(place: Place) -> None:
    connection = by_token(place.secured, place.user) | {"sasl_mechanism": "SCRAM-SHA-512"}
    named = {name: value for name, value in connection.items() if not name.startswith("oauth")}
    named |= {"sasl_username": place.user, "sasl_password": PASSWORD}
    place.secured.grant(place.user, *place.rights.values())
    with running(place.settings(named), FirstWordClassifier()) as service:
        assert eventually(lambda: Trouble.NOT_LET_IN in troubles(service))
        place.secured.add_user(place.user)
        assert eventually(lambda: troubles(service) == [])


def test_a_process_that_is_refused_makes_no_storm_of_connections_or_log_lines_and_keeps_its_secret(
    place: Place, tmp_path: Path
) -> None:
    gc.collect()  # clients that other tests left behind would be refused, too
    (port,) = node.free_ports(1)
    variables = place.environment(by_password(place.secured, place.user) | {"sasl_password": WRONG})
    variables |= {"COMMUNIQUE_HTTP_HOST": "127.0.0.1", "COMMUNIQUE_HTTP_PORT": str(port)}
    service, log = Address(port), tmp_path / "log"
    with (
        log.open("wb") as stderr,
        subprocess.Popen([COMMUNIQUE, "serve"], stderr=stderr, env=environment(**variables)) as process,  # noqa: S603
    ):
        try:
            assert eventually(lambda: Trouble.NOT_LET_IN in troubles(service))  # type: ignore[arg-type]
            before, begun, lines = place.secured.refusals(), time.monotonic(), len(log.read_text().splitlines())
            time.sleep(4)
            rate = (place.secured.refusals() - before) / (time.monotonic() - begun)
            added = log.read_text().splitlines()[lines:]
            pages = "".join(get(service, path)[1] for path in ("/metrics", "/ready"))  # type: ignore[arg-type]
        finally:
            process.terminate()
        assert process.wait(30) == 0
    print(f"{rate:.1f} connections a second, {len(added)} log lines in 4 s")
    assert 0 < rate < 1.5 * CLIENTS
    assert len(added) <= 3
    assert WRONG not in log.read_text() + pages


@dataclass(frozen=True)
class Address:
    """Where a service answers that is a process of its own."""

    http_port: int


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


def test_a_right_that_is_taken_and_given_back_holds_the_service_up_and_loses_nothing(place: Place) -> None:
    place.secured.grant(place.user, *place.rights.values())
    settings = place.settings(by_password(place.secured, place.user))
    with (
        open_topics(place.secured.plain, place.names) as topics,
        running(settings, FirstWordClassifier()) as service,
    ):
        topics.send({"value": body(statement_id="1")})
        topics.outcomes(1)
        for right in ("read", "results"):
            place.secured.revoke(place.user, place.rights[right])
            assert eventually(lambda trouble=MISSING[right][0]: trouble in troubles(service))
            topics.send({"value": body(statement_id=right)})
            place.secured.grant(place.user, place.rights[right])
            assert topics.outcomes(1)[0].topic() == place.names.results
            assert eventually(lambda: troubles(service) == [])
    assert place.committed() == 3


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


def test_a_key_that_its_password_does_not_open_ends_a_command_with_78(place: Place, tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(body())
    connection = by_certificate(place.secured, place.user) | {"ssl_key_password": WRONG}
    ended = CliRunner().invoke(app, ["send", str(tmp_path / "one.jsonl")], env=place.environment(connection))
    assert "ssl.key.location" in ended.stderr
    assert ended.exit_code == 78
    assert WRONG not in ended.output
