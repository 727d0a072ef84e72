"""What can keep a worker from its work, in a closed list of words, and what an operator does about it."""

from enum import StrEnum

from confluent_kafka import KafkaError

from services.classifier.settings import PREFIX, Settings


class Trouble(StrEnum):
    """Why a worker is not ready."""

    FATAL = "a fatal error ends this process"
    UNASSIGNED = "not in the consumer group"
    STUCK = "a batch is not delivered for a minute"
    NO_ANSWER = "Kafka does not answer"
    NO_TRUST = "no connection that both sides trust"
    NOT_LET_IN = "Kafka does not accept who this is"
    NO_TOKEN = "no token to be had"  # noqa: S105 - words
    NO_TOPIC = "a topic is absent"
    READ_STATEMENTS = "no right to read the statements"
    WRITE_RESULTS = "no right to write results"
    WRITE_REJECTS = "no right to write rejects"
    READ_AS_GROUP = "no right to read as the consumer group"


def of_connection(error: KafkaError) -> Trouble:
    """The trouble that a client's complaint about its connection tells of."""
    words = error.str()
    if error.code() == KafkaError._AUTHENTICATION:
        return Trouble.NO_TOKEN if "OAUTHBEARER token" in words else Trouble.NOT_LET_IN
    if error.code() == KafkaError._SSL or "SSL routines" in words or "SSL handshake failed" in words:
        return Trouble.NO_TRUST
    return Trouble.NO_ANSWER


def wanted(trouble: Trouble, settings: Settings) -> str:
    """What would end a trouble with Kafka: the variables to look at, or the ACL to grant."""
    topics = f"{settings.statements_topic}, {settings.results_topic} and {settings.rejects_topic}"
    return {
        Trouble.NO_ANSWER: f"the right {PREFIX}BOOTSTRAP_SERVERS and {PREFIX}SECURITY_PROTOCOL, and a Kafka that runs",
        Trouble.NO_TRUST: f"the authority of Kafka's certificate in {PREFIX}SSL_CA_LOCATION and, where Kafka asks for "
        f"one, a valid certificate in {PREFIX}SSL_CERTIFICATE_LOCATION and {PREFIX}SSL_KEY_LOCATION",
        Trouble.NOT_LET_IN: f"what Kafka knows this worker by in {PREFIX}SASL_MECHANISM and, with OAUTHBEARER, in "
        f"{PREFIX}OAUTH_SCOPE, else in {PREFIX}SASL_USERNAME and {PREFIX}SASL_PASSWORD",
        Trouble.NO_TOKEN: f"what the token's giver knows this worker by in {PREFIX}OAUTH_TOKEN_URL, "
        f"{PREFIX}OAUTH_CLIENT_ID, {PREFIX}OAUTH_CLIENT_SECRET, {PREFIX}OAUTH_SCOPE and {PREFIX}OAUTH_CA_LOCATION",
        Trouble.NO_TOPIC: f"the topics {topics}",
        Trouble.READ_STATEMENTS: f"an ACL: READ on topic {settings.statements_topic}",
        Trouble.WRITE_RESULTS: f"an ACL: WRITE on topic {settings.results_topic}",
        Trouble.WRITE_REJECTS: f"an ACL: WRITE on topic {settings.rejects_topic}",
        Trouble.READ_AS_GROUP: f"an ACL: READ on group {settings.group}",
    }[trouble]


class Complaints:
    """The last complaint of a client about its connection; given to it as `error_cb`."""

    def __init__(self) -> None:
        self.last: KafkaError | None = None

    def __call__(self, error: KafkaError) -> None:
        """Note a complaint; that all brokers are down is told after each one that says why."""
        if error.code() != KafkaError._ALL_BROKERS_DOWN or self.last is None:
            self.last = error

    @property
    def names_a_cause(self) -> bool:
        """Whether the last complaint does."""
        return self.last is not None and self.last.code() != KafkaError._ALL_BROKERS_DOWN

    def clear(self) -> None:
        """Forget it: the client got through."""
        self.last = None
