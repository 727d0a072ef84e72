"""A cluster of Apache Kafka nodes on this machine, any of which can be hurt."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from tests.kafka.node import Additions, Node, Ports, free_ports

PATIENCE_SECONDS = 60
PROBE = "probe"
RULES = """\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
"""
"""For a node alone: several could not elect a controller before they have read who may."""
QUICK = """\
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
"""
"""A dead broker is noticed after 3 s, not 9, and a dead transaction within 0.5 s of its timeout, not 10."""


class Cluster:
    """Nodes that hold every topic together."""

    def __init__(self, nodes: list[Node]) -> None:
        """A cluster of these nodes."""
        self.nodes = nodes
        self.bootstrap = ",".join(node.ports.address for node in nodes)

    def start(self) -> None:
        """Start every node and wait for all."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait()

    def stop(self) -> None:
        """Stop every node."""
        for node in self.nodes:
            node.stop()

    def make_topics(self, *names: str, partitions: int) -> None:
        """Make topics, each with a copy on every node."""
        topics = [NewTopic(name, partitions, len(self.nodes)) for name in names]
        self._ask(lambda admin: admin.create_topics(topics))

    def refuse_writes(self, topic: str) -> None:
        """Let a topic be read, and nothing be written to it."""
        acls = [
            AclBinding(*_parts(topic), AclOperation.ALL, AclPermissionType.ALLOW),
            AclBinding(*_parts(topic), AclOperation.WRITE, AclPermissionType.DENY),
        ]
        self._ask(lambda admin: admin.create_acls(acls))

    def accept_writes(self, topic: str) -> None:
        """Let a topic be written to again."""
        denial = AclBindingFilter(*_parts(topic), AclOperation.WRITE, AclPermissionType.DENY)
        self._ask(lambda admin: admin.delete_acls([denial]))

    def wait_for_transactions(self) -> None:
        """Wait until a client that comes anew can commit a transaction; a node that answers may still read its logs."""
        common = {"bootstrap.servers": self.bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 100}
        producer = Producer({**common, "transactional.id": PROBE})
        producer.init_transactions(PATIENCE_SECONDS)
        producer.begin_transaction()
        producer.produce(PROBE, b"")
        producer.commit_transaction(PATIENCE_SECONDS)

    def _ask(self, question: Callable[[AdminClient], Mapping[object, object]]) -> None:
        """Have an admin client do something, and wait until it is done."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        for answer in question(admin).values():
            answer.result(PATIENCE_SECONDS)  # type: ignore[attr-defined]


def _parts(topic: str) -> tuple[ResourceType, str, ResourcePatternType, str, str]:
    """What of a rule says to whom it applies: everyone, on this topic."""
    return ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, "User:*", "*"


@contextmanager
def running_cluster(libraries: Path, folder: Path, size: int) -> Iterator[Cluster]:
    """A cluster of so many nodes, all of which answer."""
    ports = [Ports(*free_ports(4)) for _ in range(size)]
    more = Additions(QUICK + RULES * (size == 1))
    nodes = [Node(libraries, folder / f"node-{number}", number, ports, more) for number in range(1, size + 1)]
    identity = nodes[0].random_cluster()
    for node in nodes:
        node.format(identity)
    cluster = Cluster(nodes)
    try:
        cluster.start()
        cluster.make_topics(PROBE, partitions=1)
        yield cluster
    finally:
        cluster.stop()
