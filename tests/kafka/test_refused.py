"""A connection that Kafka refuses is told once, with the variable to look at, and is no storm."""

import gc
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.classifier import access
from services.classifier.troubles import Trouble
from services.cli import kafka
from services.cli.app import app
from tests.kafka import node
from tests.kafka.certificates import Authority
from tests.kafka.place import WRONG, Connection, Place, by_certificate, by_password, by_token, told, troubles
from tests.kafka.secured import PASSWORD, Secured
from tests.services.classifier.hostile import body
from tests.services.classifier.running import FirstWordClassifier, running
from tests.services.classifier.test_health import eventually, get
from tests.services.cli.programs import COMMUNIQUE, environment

pytestmark = pytest.mark.usefixtures("ask_often", "no_secret_is_logged")
CLIENTS = 5
"""Of one worker: the consumer, FastStream's producer and admin, the transactional producer, and the one that asks."""


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


def test_a_key_that_its_password_does_not_open_ends_a_command_with_78(place: Place, tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(body())
    connection = by_certificate(place.secured, place.user) | {"ssl_key_password": WRONG}
    ended = CliRunner().invoke(app, ["send", str(tmp_path / "one.jsonl")], env=place.environment(connection))
    assert "ssl.key.location" in ended.stderr
    assert ended.exit_code == 78
    assert WRONG not in ended.output
