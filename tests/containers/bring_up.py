"""Bring docker-compose.yml up, send the samples, see them labelled and counted, and take everything down again.

The tool is the command in the variable COMPOSE, else `docker compose`.
"""

import json
import signal
import sys
import time
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from stack import ROOT, BringUpError, Stack, brought_up, compose_tool, say, until

from services.classifier.events import ClassifiedStatement

SAMPLES = ROOT / "services/samples/statements.jsonl"
READY_SECONDS, RESULT_SECONDS, SCRAPE_SECONDS, STOP_SECONDS = 120, 60, 30, 25
QUIET_SECONDS = 2
"""A statement labelled twice would come again within this time."""
READY = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/ready', timeout=4)"
CONFINED = Path(__file__).with_name("confined.py")


def committed(bootstrap: str, topic: str, wanted: int) -> list[bytes]:
    """The values that a read_committed subscriber gets of a topic, once as many as wanted came and then no more."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bring-up", "isolation.level": "read_committed"})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
        values: list[bytes] = []
        end = time.monotonic() + RESULT_SECONDS
        while time.monotonic() < end:
            message = consumer.poll(QUIET_SECONDS)
            if message is not None and message.error() is None:
                values.append(message.value() or b"")
            elif message is None and len(values) >= wanted:
                break
        return values
    finally:
        consumer.close()


def check_labels(stack: Stack) -> int:
    """How many samples came back, each labelled once and none rejected."""
    sent = sorted(json.loads(line)["statement_id"] for line in SAMPLES.read_text(encoding="utf-8").splitlines())
    bootstrap = f"localhost:{stack.kafka_port}"
    values = committed(bootstrap, "statements.classified", len(sent))
    results = [ClassifiedStatement.model_validate_json(value) for value in values]
    labelled = sorted(result.statement_id for result in results)
    if labelled != sent:
        raise BringUpError(f"sent {sent}, found labelled {labelled}")
    if not any(result.sectors for result in results):
        raise BringUpError("no sample has a sector")
    if rejects := committed(bootstrap, "statements.rejected", 0):
        raise BringUpError(f"{len(rejects)} samples were rejected")
    return len(results)


def check_containers(stack: Stack) -> None:
    """Bring the containers up and see that they keep what docker-compose.yml promises."""
    began = time.monotonic()
    stack.must("build", "classifier")
    say("image built", began)
    began = time.monotonic()
    with brought_up(stack):
        until(lambda: stack.in_classifier(READY, quiet=True), READY_SECONDS, "the classifier said it was ready")
        say("up, and the classifier is ready", began)
        if not stack.in_classifier(CONFINED.read_text()):
            raise BringUpError("the classifier's container has rights that it should not have")
        say("the classifier is no root, has no capability and cannot write to its image")
        began = time.monotonic()
        stack.must("run", "--rm", "-T", "--no-deps", "samples")
        count = check_labels(stack)
        say(f"{count} samples sent, {count} came back labelled on statements.classified", began)
        query = 'sum(communique_statements_total{outcome="classified"})'
        until(lambda: stack.metric(query) == [count], SCRAPE_SECONDS, f"Prometheus had {query} = {count}")
        series = stack.metric('count({__name__=~"communique_.+"})')
        say(f"Prometheus has {series[0]:.0f} communique_ series and counts {count} statements classified")
        began = time.monotonic()
        stack.must("stop", "classifier")
        if time.monotonic() - began > STOP_SECONDS:
            raise BringUpError(f"the classifier took more than {STOP_SECONDS} s to stop")
        say("the classifier stopped by SIGTERM", began)


def main() -> None:
    """Run the check; a failure is one line at the end and exit code 1."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        check_containers(Stack(compose_tool()))
    except BringUpError as error:
        sys.exit(f"compose-test: {error}")
    say("compose-test passed")


if __name__ == "__main__":
    main()
