"""The faults, as a table; each row's function does the harm."""

import random
import signal
import time
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests.faults.scene import SESSION_SECONDS, Fault, Scene

BEYOND_THE_SESSION_SECONDS = SESSION_SECONDS + 2
ABSENT_SECONDS = 6
REFUSAL_SECONDS = 5
SILENCE_SECONDS = 3
PATIENCE_SECONDS = 60


def kill_workers(scene: Scene) -> float:
    """kill -9 of two of the three workers, each with a transaction open."""
    for number in _victims(scene, 2):
        scene.workers.wait_until_holding(number)
        scene.workers.signal(number, signal.SIGKILL)
    return time.time()


def pause_workers(scene: Scene) -> float:
    """SIGSTOP of two of the three workers for longer than the session lasts."""
    victims = _victims(scene, 2)
    for number in victims:
        scene.workers.wait_until_holding(number)
        scene.workers.signal(number, signal.SIGSTOP)
    time.sleep(BEYOND_THE_SESSION_SECONDS)
    for number in victims:
        scene.workers.signal(number, signal.SIGCONT)
    return time.time()


def terminate_worker(scene: Scene) -> float:
    """SIGTERM of a worker."""
    (number,) = _victims(scene, 1)
    scene.workers.wait_until_holding(number)
    scene.workers.signal(number, signal.SIGTERM)
    return time.time()


def scale(scene: Scene) -> float:
    """From one worker to four, or back."""
    scene.workers.want(1 if len(scene.workers.numbers) > 1 else 4)
    return time.time()


def settle(_: Scene) -> None:
    """Give new workers time to start before the next hurt."""
    time.sleep(8)


def kill_only_broker(scene: Scene) -> float:
    """kill -9 of the only broker, which comes back a little later."""
    (node,) = scene.cluster.nodes
    node.kill()
    time.sleep(random.uniform(0.2, 2))  # noqa: S311 - no secret
    return _back(scene)


def _back(scene: Scene) -> float:
    """Start the only broker again, and give the time at which it takes transactions again."""
    (node,) = scene.cluster.nodes
    node.launch()
    node.wait()
    scene.cluster.wait_for_transactions()
    return time.time()


def kill_one_of_three(scene: Scene) -> float:
    """kill -9 of one of three brokers; the others must go on without it."""
    scene.cluster.nodes[scene.turn % 3].kill()
    return time.time()


def revive(scene: Scene) -> None:
    """Bring the broker back that was killed."""
    node = scene.cluster.nodes[scene.turn % 3]
    node.launch()
    node.wait()
    wait_for_copies(scene)


def restart_one_of_three(scene: Scene) -> float:
    """A step of a rolling restart."""
    node = scene.cluster.nodes[scene.turn % 3]
    node.stop()
    node.launch()
    node.wait()
    return time.time()


def wait_for_copies(scene: Scene) -> None:
    """Wait until every partition has all its copies, as who restarts brokers in turn must."""
    admin = AdminClient({"bootstrap.servers": scene.cluster.bootstrap, "log_level": 0})
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        topics = admin.list_topics(timeout=10).topics.values()
        if all(len(place.isrs) == 3 for topic in topics for place in topic.partitions.values()):
            return
        time.sleep(0.2)
    scene.complaints.append("the cluster did not get all its copies back")


def start_without_kafka(scene: Scene) -> float:
    """The workers start before Kafka does."""
    (node,), wanted = scene.cluster.nodes, len(scene.workers.numbers)
    scene.workers.stop()
    node.stop()
    scene.workers.want(wanted)
    time.sleep(ABSENT_SECONDS)
    return _back(scene)


def stop_without_kafka(scene: Scene) -> float:
    """The workers are told to stop when Kafka is gone; they start again when it is back."""
    (node,), wanted = scene.cluster.nodes, len(scene.workers.numbers)
    node.kill()
    if not scene.workers.stop():
        scene.complaints.append("a worker did not stop in time without Kafka")
    back = _back(scene)
    scene.workers.want(wanted)
    return back


def refuse_results(scene: Scene) -> float:
    """The results' topic refuses whatever is written to it for a while."""
    scene.cluster.refuse_writes(scene.names.results)
    time.sleep(REFUSAL_SECONDS)
    scene.cluster.accept_writes(scene.names.results)
    return time.time()


def slow_model(scene: Scene) -> float:
    """A worker takes longer for a batch than the group waits for it."""
    (number,) = _victims(scene, 1)
    worker = scene.workers.signal(number, signal.SIGUSR1)
    while "woken" not in worker.hear(PATIENCE_SECONDS):
        pass
    return time.time()


def silence_network(scene: Scene) -> float:
    """The network to Kafka, slow and lossy all the time, carries nothing for a while and then breaks."""
    scene.proxy.silent = True
    time.sleep(SILENCE_SECONDS)
    scene.proxy.cut()
    scene.proxy.silent = False
    return time.time()


def steal_name(scene: Scene) -> float:
    """Another producer takes a worker's transactional id, which fences it off."""
    (number,) = _victims(scene, 1)
    scene.workers.wait_until_holding(number)
    name = f"{scene.names.statements}-worker-{number}"
    thief = Producer({"bootstrap.servers": scene.cluster.bootstrap, "transactional.id": name, "log_level": 0})
    thief.init_transactions(PATIENCE_SECONDS)
    return time.time()


def each_in_turn(scene: Scene) -> float:
    """The faults of the short form, one after another."""
    return SHORT_FORM[scene.turn](scene)


def _victims(scene: Scene, count: int) -> list[int]:
    """So many workers by chance."""
    return random.sample(scene.workers.numbers, count)


OUTLIVES: dict[str, Any] = {
    "session_seconds": 15,
    "reason": "the session is 15 s, longer than Kafka is away: after a longer absence workers join anew, and the group "
    "waits one more session for the members that they were",
}
FAULTS = (
    Fault("kill", kill_workers, times=26, hits=2, workers=3, hides=True),
    Fault("sigterm", terminate_worker, times=20),
    Fault("pause", pause_workers, times=10, hits=2, workers=3, hides=True),
    Fault("scale", scale, times=4, workers=1, heal=settle),
    Fault("stolen-id", steal_name, times=4),
    Fault("refused-topic", refuse_results, times=3),
    Fault("slow-model", slow_model, times=3, max_poll_seconds=8),
    Fault("network", silence_network, times=4, proxied=True, **OUTLIVES),
    Fault("broker-kill", kill_only_broker, times=4, **OUTLIVES),
    Fault("kafka-absent-at-start", start_without_kafka, times=2),
    Fault("kafka-gone-at-stop", stop_without_kafka, times=1),
    Fault("one-of-three-killed", kill_one_of_three, times=3, nodes=3, heal=revive, **OUTLIVES),
    Fault("rolling-restart", restart_one_of_three, times=3, nodes=3, heal=wait_for_copies),
)

SHORT_FORM = (kill_workers, terminate_worker, pause_workers, steal_name, refuse_results)
SHORT = Fault(
    "short-form",
    each_in_turn,
    times=len(SHORT_FORM),
    workers=3,
    hides=True,
    bound_seconds=30,
    reason="it runs beside other tests, so its recovery says only that there is one",
)
