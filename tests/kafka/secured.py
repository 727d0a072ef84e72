"""A node of Apache Kafka that trusts nobody: TLS, SCRAM, OAUTHBEARER and client certificates, rights by ACL."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from tests.kafka import node, tokens
from tests.kafka.certificates import Authority
from tests.kafka.node import Additions
from tests.kafka.tokens import Identities

PATIENCE_SECONDS = 30
PASSWORD = "right-of-way"  # noqa: S105 - of users that live as long as the test
CLIENT_SECRET = "secret+of/every=client"  # noqa: S105 - the same
PROPERTIES = """\
listeners=PLAINTEXT://127.0.0.1:{{broker}},CONTROLLER://127.0.0.1:{{controller}},\
NAMED://127.0.0.1:{named},MUTUAL://127.0.0.1:{mutual}
advertised.listeners=PLAINTEXT://127.0.0.1:{{broker}},NAMED://127.0.0.1:{named},MUTUAL://127.0.0.1:{mutual}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,NAMED:SASL_SSL,MUTUAL:SSL
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
ssl.principal.mapping.rules=RULE:^CN=(.*)$/$1/
listener.name.mutual.ssl.client.auth=required
listener.name.named.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.named.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_plain="{password}";
listener.name.named.scram-sha-256.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.named.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.named.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.named.oauthbearer.sasl.server.callback.handler.class=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.named.oauthbearer.sasl.oauthbearer.jwks.endpoint.url={keys}
listener.name.named.oauthbearer.sasl.oauthbearer.expected.audience={audience}
listener.name.named.oauthbearer.sasl.oauthbearer.expected.issuer={issuer}
"""
LOGGING = """\
logger.refusals.name=org.apache.kafka.common.network.Selector
logger.refusals.level=INFO
logger.denials.name=kafka.authorizer.logger
logger.denials.level=INFO
"""
"""The broker's own word on each connection and each right that it refused."""


@dataclass(frozen=True)
class Right:
    """What a principal may do with one thing."""

    kind: ResourceType
    name: str
    operation: AclOperation

    def of(self, principal: str) -> AclBinding:
        """The ACL that gives the right to a principal."""
        user, host = f"User:{principal}", "*"
        pattern = ResourcePatternType.LITERAL
        return AclBinding(self.kind, self.name, pattern, user, host, self.operation, AclPermissionType.ALLOW)

    def filter(self, principal: str) -> AclBindingFilter:
        """What finds that ACL."""
        one = self.of(principal)
        what = (one.restype, one.name, one.resource_pattern_type, one.principal, one.host)
        return AclBindingFilter(*what, one.operation, one.permission_type)


@dataclass(frozen=True)
class Secured:
    """A secured node: its addresses, and what its administrator can do and see."""

    plain: str
    named: str
    mutual: str
    token_url: str
    authority: Authority
    folder: Path

    def add_user(self, name: str, mechanism: ScramMechanism = ScramMechanism.SCRAM_SHA_512) -> None:
        """Let a user in with PASSWORD."""
        credentials = ScramCredentialInfo(mechanism, 4096)
        addition = UserScramCredentialUpsertion(name, credentials, PASSWORD.encode())
        _done(self.administrator(), "alter_user_scram_credentials", [addition])

    def grant(self, principal: str, *rights: Right) -> None:
        """Give rights to a principal."""
        _done(self.administrator(), "create_acls", [right.of(principal) for right in rights])
        self._wait_until(principal, rights, given=True)

    def revoke(self, principal: str, *rights: Right) -> None:
        """Take rights from a principal."""
        _done(self.administrator(), "delete_acls", [right.filter(principal) for right in rights])
        self._wait_until(principal, rights, given=False)

    def _wait_until(self, principal: str, rights: Sequence[Right], *, given: bool) -> None:
        """Wait until the node goes by what its controller has taken down."""
        administrator, deadline = self.administrator(), time.monotonic() + PATIENCE_SECONDS
        for right in rights:
            while bool(administrator.describe_acls(right.filter(principal)).result(PATIENCE_SECONDS)) is not given:
                assert time.monotonic() < deadline, f"{right} of {principal} did not come into force"
                time.sleep(0.02)

    def administrator(self) -> AdminClient:
        """One who may do everything."""
        return AdminClient({"bootstrap.servers": self.plain, "log_level": 0})

    def refusals(self) -> int:
        """How many connections the node refused so far."""
        return self._log().count("Failed authentication with")

    def denials(self, principal: str) -> int:
        """How many requests of a principal the node denied so far."""
        return self._log().count(f"Principal = User:{principal} is Denied")

    def _log(self) -> str:
        return (self.folder / "kafka.log").read_text()


def _done(administrator: AdminClient, what: str, things: Sequence[object]) -> None:
    """Wait until the node has done what it was asked."""
    for future in getattr(administrator, what)(things).values():
        future.result(PATIENCE_SECONDS)


@contextmanager
def running_secured_node(libraries: Path, folder: Path) -> Iterator[Secured]:
    """A secured node and its identity provider, which knows every client by CLIENT_SECRET."""
    authority = Authority(folder)
    pair = authority.issue("broker")
    identities = Identities(CLIENT_SECRET)
    keys = folder / "keys.json"
    identities.write_keys(keys)
    named, mutual = node.free_ports(2)
    properties = PROPERTIES.format(
        named=named,
        mutual=mutual,
        keystore=pair.both,
        authority=authority.certificate,
        password=PASSWORD,
        keys=keys.as_uri(),
        audience=tokens.AUDIENCE,
        issuer=tokens.ISSUER,
    )
    options = [f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys.as_uri()}"]
    more = Additions(properties, LOGGING, options)
    with tokens.serving(identities, pair) as token_url, node.running_node(libraries, folder, more) as plain:
        yield Secured(plain, f"127.0.0.1:{named}", f"127.0.0.1:{mutual}", token_url, authority, folder)
