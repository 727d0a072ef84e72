"""The bare classifier: texts in memory, labelled in batches for some seconds; prints what it measured."""

import json
import sys
import time
from itertools import islice

from bench import workload
from bench.peers.place import BATCH_SIZE
from models import artifact


def main(seconds: float) -> None:
    """Label for so long, after one batch to warm up."""
    classifier = artifact.load(artifact.SHIPPED).classifier
    texts = workload.texts()
    classifier.label(list(islice(texts, BATCH_SIZE)))
    labelled, spent, cpu = 0, 0.0, time.process_time()
    while spent < seconds:
        batch = list(islice(texts, BATCH_SIZE))
        start = time.perf_counter()
        classifier.label(batch)
        spent += time.perf_counter() - start
        labelled += len(batch)
    cpu_seconds = (time.process_time() - cpu) / labelled * 1000
    print(json.dumps({"statements_per_second": labelled / spent, "cpu_seconds_per_1000": cpu_seconds}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
