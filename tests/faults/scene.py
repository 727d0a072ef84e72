"""Where a fault takes place: a cluster, workers, a sender and a verifier, and what came of it."""

import queue
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.actors import Actor
from tests.faults.proxy import Proxy, running_proxy
from tests.faults.workers import Workers
from tests.kafka.cluster import Cluster
from tests.services.classifier.running import Names

SESSION_SECONDS = 6
"""The silence after which Kafka gives a worker's partitions to others; in production 45."""
REST_SECONDS = 5
"""Of a recovery, beside the session."""
RATE = 1000
PARTITIONS = 6
BETWEEN_SECONDS = (0.2, 1.2)
"""From a recovery to the next hurt, so that hurts come at any moment of a batch."""
FINISH_SECONDS = 400


@dataclass
class Scene:
    """All that a hurt may reach for."""

    cluster: Cluster
    workers: Workers
    verifier: Actor
    names: Names
    proxy: Proxy
    turn: int = 0
    complaints: list[str] = field(default_factory=list)

    def recovery(self, since: float) -> float:
        """Seconds from that time until every partition has a newly committed result."""
        self.verifier.tell(f"mark {int(since * 1000)}")
        try:
            return float(self.verifier.hear()["recovered"])
        except queue.Empty:
            self.complaints.append("no recovery")
            return float("inf")


def unhurt(_: Scene) -> None:
    """Nothing to heal."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, how often, and what must hold all the same."""

    name: str
    hurt: Callable[[Scene], float]
    """Does it, and gives the time from which the recovery counts."""
    times: int
    hits: int = 1
    """How many processes or brokers a hurt hits."""
    workers: int = 2
    nodes: int = 1
    hides: bool = False
    """Whether aborted copies must have been hidden, since else no transaction was hit."""
    heal: Callable[[Scene], None] = unhurt
    proxied: bool = False
    max_poll_seconds: int = 300
    """After a longer batch the group gives the partitions to others; Kafka's default."""
    session_seconds: int = SESSION_SECONDS
    bound_seconds: int | None = None
    """Of the recovery's 99th percentile, if it is not the session and the rest."""
    reason: str = ""
    """Of a session or a bound of its own."""

    @property
    def bound(self) -> int:
        """Seconds that the 99th percentile of the recovery may take."""
        return self.bound_seconds or self.session_seconds + REST_SECONDS


@dataclass
class Outcome:
    """What came of a fault."""

    fault: Fault
    hurts: int
    recoveries: list[float]
    findings: dict[str, int]
    exits: dict[int, int]
    complaints: list[str]

    def percentile(self, percent: int) -> float:
        """The recovery within which that share of the hurts was over."""
        ordered = sorted(self.recoveries)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

    def wrong(self) -> dict[str, int]:
        """How many statements did not end once and in order, by kind; nothing if all did."""
        return {name: self.findings[name] for name in ("lost", "duplicated", "out_of_order") if self.findings[name]}

    def troubles(self) -> list[str]:
        """What did not hold; nothing if all did."""
        found = [f"{count} {name}" for name, count in self.wrong().items()] + self.complaints
        if self.fault.hides and not self.findings["hidden"]:
            found.append("no transaction was hit, so nothing was tested")
        if (p99 := self.percentile(99)) > self.fault.bound:
            found.append(f"recovery p99 {p99:.1f} s, wanted {self.fault.bound} s")
        return found


def play(fault: Fault, cluster: Cluster, folder: Path, mutation: str = "") -> Outcome:
    """Hurt the service so often while it labels what is sent, and see what comes of it."""
    with opened(fault, cluster, folder, mutation) as (scene, sender):
        scene.recovery(0)
        recoveries: list[float] = []
        for scene.turn in range(fault.times):
            time.sleep(random.uniform(*BETWEEN_SECONDS))  # noqa: S311 - no secret
            recoveries.append(scene.recovery(fault.hurt(scene)))
            if scene.complaints:
                break
            fault.heal(scene)
        sender.tell("stop")
        scene.verifier.tell(f"finish {sender.hear()['sent']}")
        findings = scene.verifier.hear(FINISH_SECONDS)
        if not scene.workers.stop():
            scene.complaints.append("a worker did not stop in time")
        hurts = len(recoveries) * fault.hits
        return Outcome(fault, hurts, recoveries, findings, dict(scene.workers.exits), scene.complaints)


@contextmanager
def opened(fault: Fault, cluster: Cluster, folder: Path, mutation: str) -> Iterator[tuple[Scene, Actor]]:
    """A scene in which statements are being sent and labelled, and who sends them."""
    unique = uuid.uuid4().hex[:6]
    names = Names(f"statements-{unique}", f"classified-{unique}", f"rejected-{unique}")
    topics = [names.results, names.rejects]
    cluster.make_topics(names.statements, *topics, partitions=PARTITIONS)
    ports, log = cluster.nodes[0].ports, folder / "others.log"
    bootstrap = f"127.0.0.1:{ports.proxy}" if fault.proxied else cluster.bootstrap
    with running_proxy(ports.proxy, ports.proxied) as proxy:
        workers = Workers({**environment(bootstrap, names), **own(fault, mutation)}, folder)
        verifier = Actor("tests.faults.verifier", cluster.bootstrap, *topics, log=log)
        sender = Actor("tests.faults.sender", cluster.bootstrap, names.statements, str(RATE), log=log)
        try:
            workers.want(fault.workers)
            yield Scene(cluster, workers, verifier, names, proxy), sender
        finally:
            workers.close()
            verifier.end()
            sender.end()


def own(fault: Fault, mutation: str) -> Mapping[str, str]:
    """What workers have for this fault alone."""
    return {
        "COMMUNIQUE_SESSION_TIMEOUT_SECONDS": str(fault.session_seconds),
        "FAULTS_MAX_POLL_SECONDS": str(fault.max_poll_seconds),
        "FAULTS_MUTATION": mutation,
    }


def environment(bootstrap: str, names: Names) -> Mapping[str, str]:
    """The settings of every worker."""
    settings = {
        "BOOTSTRAP_SERVERS": bootstrap,
        "GROUP": names.statements,
        "STATEMENTS_TOPIC": names.statements,
        "RESULTS_TOPIC": names.results,
        "REJECTS_TOPIC": names.rejects,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": "0",
        "TRANSACTION_TIMEOUT_SECONDS": "10",
    }
    return {f"COMMUNIQUE_{name}": value for name, value in settings.items()}
