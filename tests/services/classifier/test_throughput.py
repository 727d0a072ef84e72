"""Kafka costs little beside the labelling itself."""

import time
from collections.abc import Sequence
from itertools import islice

from bench import workload
from models.classifier import Classifier
from tests.services.classifier.hostile import body
from tests.services.classifier.running import Topics, running, settings_of

LEAST_SHARE = 0.5
"""A ratio within one run holds on any machine; statements a second come from `make bench`."""
BATCH = 500


def seconds_alone(classifier: Classifier, statements: Sequence[str]) -> float:
    """How long the classifier takes for the statements in batches, with no Kafka."""
    start = time.perf_counter()
    for first in range(0, len(statements), BATCH):
        classifier.label(statements[first : first + BATCH])
    return time.perf_counter() - start


def test_the_service_labels_at_least_half_as_fast_as_the_bare_classifier(
    broker: str, topics: Topics, classifier: Classifier
) -> None:
    statements = list(islice(workload.texts(), 4000))
    classifier.label(statements[:BATCH])
    alone = seconds_alone(classifier, statements)
    topics.send(*({"value": body(text=text), "partition": number % 2} for number, text in enumerate(statements)))
    with running(settings_of(broker, batch_size=BATCH), classifier):
        first = topics.consumer.consume(1, 60)
        start = time.perf_counter()
        found = len(first)
        while found < len(statements):
            found += len(topics.consumer.consume(len(statements) - found, 0.5))
        served = (time.perf_counter() - start) * len(statements) / (len(statements) - BATCH)
    rates = {"alone": len(statements) / alone, "served": len(statements) / served}
    print({name: round(rate) for name, rate in rates.items()})
    assert rates["served"] >= LEAST_SHARE * rates["alone"]
