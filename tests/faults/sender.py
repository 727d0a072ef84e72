"""Sends numbered, keyed statements at a rate until told to stop, then says how many Kafka has taken.

`python -m tests.faults.sender BOOTSTRAP TOPIC RATE`
"""

import sys
import threading
import time

from confluent_kafka import Producer

from tests.faults.actors import say
from tests.services.classifier.hostile import body

KEYS = 97
BAD_EVERY = 50
"""Each fiftieth statement has no text and must end as a reject."""
STEP_SECONDS = 0.02


def send(bootstrap: str, topic: str, rate: int) -> None:
    """Send until standard input says anything or ends."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "message.timeout.ms": 0,
            "linger.ms": 10,
            "queue.buffering.max.messages": 1_000_000,
            "reconnect.backoff.max.ms": 200,
            "log_level": 0,
        }
    )
    stop = threading.Event()
    threading.Thread(target=listen, args=(stop,), daemon=True).start()
    sent, began = 0, time.monotonic()
    while not stop.wait(STEP_SECONDS):
        due = int((time.monotonic() - began) * rate)
        for number in range(sent, due):
            producer.produce(topic, statement(number), str(number % KEYS).encode())
        sent = due
        producer.poll(0)
    producer.flush()
    say(sent=sent)


def listen(stop: threading.Event) -> None:
    """Stop when standard input says anything or ends."""
    sys.stdin.readline()
    stop.set()


def statement(number: int) -> bytes:
    """The statement of that number."""
    text = ... if number % BAD_EVERY == 0 else "Transport ministers met."
    return body(statement_id=str(number), text=text)


if __name__ == "__main__":
    send(sys.argv[1], sys.argv[2], int(sys.argv[3]))
