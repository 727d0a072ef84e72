"""One node of Apache Kafka from Maven, on free ports, ended when the tests end."""

import os
import random
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from tests.services.classifier.running import Names

POM = Path(__file__).with_name("pom.xml")
START_SECONDS = 90
PATIENCE_SECONDS = 30
LISTENING_PORTS = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections."""
PROPERTIES = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:{broker},PROXIED://127.0.0.1:{proxied},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker},PROXIED://127.0.0.1:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/logs
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=6
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={least}
transaction.state.log.num.partitions=6
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={least}
min.insync.replicas={least}
"""
LOGGING = """\
appender.file.type=File
appender.file.name=file
appender.file.fileName={folder}/kafka.log
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %p %c %m%n
rootLogger.level=WARN
rootLogger.appenderRef.file.ref=file
"""


@dataclass(frozen=True)
class Additions:
    """What a node has beyond the plainest one; of a property given twice the later counts."""

    properties: str = ""
    logging: str = ""
    options: Sequence[str] = ()
    formatting: Sequence[str] = ()


NOTHING_MORE = Additions()


def missing() -> str | None:
    """What this machine lacks to run Kafka; none if it lacks nothing."""
    lacking = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    return f"no {' and no '.join(lacking)} to run Apache Kafka with" if lacking else None


def fetch(libraries: Path) -> None:
    """Have Maven copy Kafka's jars there, unless it has done so."""
    done = libraries / "complete"
    if not done.exists():
        copy = ["dependency:copy-dependencies", f"-DoutputDirectory={libraries}"]
        subprocess.run(["mvn", "-q", "-B", "-f", POM, *copy], check=True, timeout=600)  # noqa: S603, S607 - our pom
        done.touch()


@dataclass(frozen=True)
class Ports:
    """Where a node listens; it tells those who come to `proxied` that it is at `proxy`."""

    broker: int
    controller: int
    proxied: int
    proxy: int

    @property
    def address(self) -> str:
        """Where clients find the node."""
        return f"127.0.0.1:{self.broker}"


class Node:
    """A node that can be started, stopped and killed, again and again, with the same files and ports."""

    def __init__(
        self, libraries: Path, folder: Path, number: int, all_ports: Sequence[Ports], more: Additions = NOTHING_MORE
    ) -> None:
        """Write what configures this node, one of the nodes on these ports."""
        folder.mkdir(exist_ok=True)
        self.ports = all_ports[number - 1]
        self._folder, self._properties, self._more = folder, folder / "node.properties", more
        voters = ",".join(f"{n}@127.0.0.1:{ports.controller}" for n, ports in enumerate(all_ports, 1))
        copies = len(all_ports)
        chosen = {"voters": voters, "copies": copies, "least": copies // 2 + 1, **vars(self.ports)}
        self._properties.write_text((PROPERTIES + more.properties).format(folder=folder, number=number, **chosen))
        (folder / "log4j2.properties").write_text((LOGGING + more.logging).format(folder=folder))
        self._java = ["java", "-Xmx768m", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={folder}/log4j2.properties"]
        self._java += [*more.options, "-cp", f"{libraries}/*"]
        self._process: subprocess.Popen[bytes] | None = None

    def format(self, cluster: str) -> None:
        """Make the node's files, as a part of that cluster."""
        command = [*self._java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties)]
        command += self._more.formatting
        subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)  # noqa: S603

    def random_cluster(self) -> str:
        """The id of a new cluster."""
        command = [*self._java, "kafka.tools.StorageTool", "random-uuid"]
        return subprocess.check_output(command, text=True, timeout=60).strip()  # noqa: S603

    def launch(self) -> None:
        """Start the node, and do not wait for it."""
        with (self._folder / "out.log").open("ab") as out:
            command = [*self._java, "kafka.Kafka", str(self._properties)]
            self._process = subprocess.Popen(command, stdout=out, stderr=out)  # noqa: S603

    def wait(self) -> None:
        """Wait until the node answers; an error with its log if it does not."""
        admin = AdminClient({"bootstrap.servers": self.ports.address, "log_level": 0, "reconnect.backoff.max.ms": 100})
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            with suppress(KafkaException):
                admin.list_topics(timeout=1)
                return
        log = self._folder / "kafka.log"
        raise RuntimeError(f"Kafka did not start at {self.ports.address}: {log.read_text() if log.exists() else ''}")

    def kill(self) -> None:
        """End the node as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Stop the node, the hard way if it does not by itself."""
        if self._process:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self.kill()


@contextmanager
def running_node(libraries: Path, folder: Path, more: Additions = NOTHING_MORE) -> Iterator[str]:
    """The bootstrap servers of a node that answers."""
    node = Node(libraries, folder, 1, [Ports(*free_ports(4))], more)
    node.format(node.random_cluster())
    node.launch()
    try:
        node.wait()
        yield node.ports.address
    finally:
        node.stop()


def unique_names() -> Names:
    """Names for the three topics that no other test has."""
    unique = uuid.uuid4().hex[:8]
    return Names(f"statements-{unique}", f"classified-{unique}", f"rejected-{unique}")


def make_topics(address: str, configs: Mapping[str, dict[str, str]], partitions: int) -> None:
    """Make topics with these settings."""
    admin = AdminClient({"bootstrap.servers": address, "log_level": 0})
    topics = [NewTopic(name, partitions, 1, config=config) for name, config in configs.items()]
    for made in admin.create_topics(topics).values():
        made.result(PATIENCE_SECONDS)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, of those that no outgoing connection is given while a node is down."""
    found: list[int] = []
    with ExitStack() as listeners:
        for port in random.sample(LISTENING_PORTS, len(LISTENING_PORTS)):
            with suppress(OSError):
                listeners.enter_context(socket.create_server(("127.0.0.1", port)))
                found.append(port)
            if len(found) == count:
                break
    return found


def required() -> bool:
    """Whether tests without Kafka must fail rather than be skipped."""
    return bool(os.environ.get("CI"))
