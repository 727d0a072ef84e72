"""One node of Apache Kafka from Maven, on free ports, ended when the tests end."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

POM = Path(__file__).with_name("pom.xml")
START_SECONDS = 90
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/logs
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=6
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
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


@contextmanager
def running_node(libraries: Path, folder: Path) -> Iterator[str]:
    """The bootstrap servers of a node that answers."""
    ports = dict(zip(("broker", "controller"), free_ports(2), strict=True))
    properties = folder / "node.properties"
    properties.write_text(PROPERTIES.format(folder=folder, **ports))
    (folder / "log4j2.properties").write_text(LOGGING.format(folder=folder))
    java = ["java", "-Xmx768m", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile=file:{folder}/log4j2.properties"]
    java += ["-cp", f"{libraries}/*"]
    storage = [*java, "kafka.tools.StorageTool"]
    cluster = subprocess.check_output([*storage, "random-uuid"], text=True, timeout=60).strip()  # noqa: S603
    format_it = [*storage, "format", "-t", cluster, "-c", str(properties)]
    subprocess.run(format_it, check=True, timeout=60, stdout=subprocess.DEVNULL)  # noqa: S603
    address = f"127.0.0.1:{ports['broker']}"
    with (folder / "out.log").open("wb") as out:
        node = subprocess.Popen([*java, "kafka.Kafka", str(properties)], stdout=out, stderr=out)  # noqa: S603
    try:
        _wait_for(address, node, folder)
        yield address
    finally:
        _end(node)


def _end(node: subprocess.Popen[bytes]) -> None:
    """Stop a node, the hard way if it does not by itself."""
    node.terminate()
    with suppress(subprocess.TimeoutExpired):
        node.wait(10)
    node.kill()
    node.wait()


def _wait_for(address: str, node: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until a node answers; an error with its log if it does not."""
    admin = AdminClient({"bootstrap.servers": address, "log_level": 0})
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and node.poll() is None:
        with suppress(KafkaException):
            admin.list_topics(timeout=1)
            return
    log = folder / "kafka.log"
    raise RuntimeError(f"Kafka did not start at {address}: {log.read_text() if log.exists() else 'no log'}")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def required() -> bool:
    """Whether tests without Kafka must fail rather than be skipped."""
    return bool(os.environ.get("CI"))
