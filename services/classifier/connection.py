"""How Kafka is reached and who asks: the one place that makes librdkafka's configuration, for every client alike."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

RECONNECT_MILLISECONDS = 2000
"""Half of it is the least time between two connections of a client that Kafka refuses: after each failure librdkafka
2.16 finds the cluster anew and forgets that it should wait longer. Its default of 100 gave 19 connections a second.
Nor does it wait longer for a broker that is gone: librdkafka's 10 s would be most of a recovery once it is back."""


class Protocol(StrEnum):
    """How bytes go to Kafka and back."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class Mechanism(StrEnum):
    """How a worker shows who it is."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"
    OAUTHBEARER = "OAUTHBEARER"


def _readable(path: Path) -> Path:
    """The path of a file, if it can be read."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    return path


ReadableFile = Annotated[Path, AfterValidator(_readable)]


class ConnectionSettings(BaseSettings):
    """What an operator may choose of the connection to Kafka."""

    bootstrap_servers: str = Field("localhost:9092", min_length=1, description="Kafka's addresses, comma separated")
    security_protocol: Protocol = Field(
        Protocol.PLAINTEXT, description="How Kafka is spoken to: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    ssl_ca_location: ReadableFile | None = Field(
        None, description="File of the certificate authorities trusted (default: the system's)"
    )
    ssl_certificate_location: ReadableFile | None = Field(
        None, description="File of the certificate shown to Kafka, PEM"
    )
    ssl_key_location: ReadableFile | None = Field(None, description="File of that certificate's key, PEM")
    ssl_key_password: SecretStr | None = Field(None, description="Password of that key, if it has one")
    sasl_mechanism: Mechanism = Field(
        Mechanism.SCRAM_SHA_512,
        description="How a name is proved to Kafka: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
    )
    sasl_username: str | None = Field(None, description="Name shown to Kafka")
    sasl_password: SecretStr | None = Field(None, description="Password shown to Kafka")
    oauth_token_url: str | None = Field(
        None, pattern=r"^https?://[^@\s]+$", description="Where OAUTHBEARER gets its tokens, by client credentials"
    )
    oauth_client_id: str | None = Field(None, description="Name shown there")
    oauth_client_secret: SecretStr | None = Field(None, description="Secret shown there")
    oauth_scope: str | None = Field(None, description="Scope asked for there, if one is needed")
    oauth_ca_location: ReadableFile | None = Field(
        None, description="File of the certificate authorities trusted there (default: the system's)"
    )

    @model_validator(mode="after")
    def connection_is_whole(self) -> "ConnectionSettings":
        """Refuse a connection that lacks something, and one that would leave out what an operator wanted of it."""
        if faults := [*self._lacking(), *self._unused()]:
            raise ValueError("; ".join(faults))
        return self

    def client_config(self) -> dict[str, str | int]:
        """What every librdkafka client needs to reach this Kafka."""
        config: dict[str, str | int | None] = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.security_protocol.lower(),
            "reconnect.backoff.ms": RECONNECT_MILLISECONDS,
            "reconnect.backoff.max.ms": RECONNECT_MILLISECONDS,
            **(self._tls_config() if self._uses_tls else {}),
            **(self._sasl_config() if self._uses_sasl else {}),
        }
        return {name: value for name, value in config.items() if value is not None}

    @property
    def _uses_tls(self) -> bool:
        return self.security_protocol in (Protocol.SSL, Protocol.SASL_SSL)

    @property
    def _uses_sasl(self) -> bool:
        return self.security_protocol in (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL)

    @property
    def _uses_tokens(self) -> bool:
        return self._uses_sasl and self.sasl_mechanism is Mechanism.OAUTHBEARER

    def _tls_config(self) -> dict[str, str | None]:
        return {
            "ssl.ca.location": _text(self.ssl_ca_location),
            "ssl.certificate.location": _text(self.ssl_certificate_location),
            "ssl.key.location": _text(self.ssl_key_location),
            "ssl.key.password": _secret(self.ssl_key_password),
        }

    def _sasl_config(self) -> dict[str, str | None]:
        if not self._uses_tokens:
            name, password = self.sasl_username, _secret(self.sasl_password)
            return {"sasl.mechanisms": self.sasl_mechanism.value, "sasl.username": name, "sasl.password": password}
        return {
            "sasl.mechanisms": self.sasl_mechanism.value,
            "sasl.oauthbearer.method": "oidc",
            "sasl.oauthbearer.token.endpoint.url": self.oauth_token_url,
            "sasl.oauthbearer.client.id": self.oauth_client_id,
            "sasl.oauthbearer.client.secret": _secret(self.oauth_client_secret),
            "sasl.oauthbearer.scope": self.oauth_scope,
            "https.ca.location": _text(self.oauth_ca_location),
        }

    def _lacking(self) -> Iterator[str]:
        """What is not there, and what needs it."""
        needed: dict[str, list[str]] = {}
        if self._uses_sasl:
            token = ["oauth_token_url", "oauth_client_id", "oauth_client_secret"]
            named = f"{self.security_protocol} with {self.sasl_mechanism}"
            needed[named] = token if self._uses_tokens else ["sasl_username", "sasl_password"]
        if self.ssl_certificate_location or self.ssl_key_location or self.ssl_key_password:
            needed["a client certificate"] = ["ssl_certificate_location", "ssl_key_location"]
        for needing, names in needed.items():
            for name in names:
                if not getattr(self, name):
                    yield f"{needing} needs {self._variable(name)}"

    def _unused(self) -> Iterator[str]:
        """What is there and would have no effect."""
        given = [name for name in sorted(self.model_fields_set - {"sasl_mechanism"}) if getattr(self, name)]
        wanted = {
            "ssl_": (self._uses_tls, f"{self._variable('security_protocol')} SSL or SASL_SSL"),
            "sasl_": (self._uses_sasl, f"{self._variable('security_protocol')} SASL_SSL or SASL_PLAINTEXT"),
            "oauth_": (self._uses_tokens, f"{self._variable('sasl_mechanism')} OAUTHBEARER and SASL"),
        }
        for beginning, (used, what) in wanted.items():
            idle = [self._variable(name) for name in given if name.startswith(beginning)]
            if idle and not used:
                yield f"{', '.join(idle)} would have no effect without {what}"

    def _variable(self, setting: str) -> str:
        """The variable that a setting is read from."""
        return f"{self.model_config.get('env_prefix', '')}{setting}".upper()


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _secret(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
