"""Topics on a secured Kafka, and those who work with them: how they connect and what they may do."""

import json
import logging
from dataclasses import dataclass

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AclOperation, ResourceType

from services.classifier.service import Service
from services.classifier.settings import Settings
from services.classifier.troubles import Trouble
from tests.kafka.secured import CLIENT_SECRET, PASSWORD, Right, Secured
from tests.kafka.tokens import SCOPE
from tests.services.classifier.running import Names
from tests.services.classifier.test_health import get

WRONG = "an open secret"
Connection = dict[str, str]


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
