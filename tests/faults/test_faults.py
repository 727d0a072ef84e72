"""The short form of `make faults`: every kind of harm to a worker once, in one scene."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.catalogue import SHORT
from tests.faults.scene import play
from tests.kafka.cluster import Cluster, running_cluster


@pytest.fixture
def cluster(kafka_libraries: Path, tmp_path: Path) -> Iterator[Cluster]:
    """A Kafka of the test's own, which may be hurt."""
    with running_cluster(kafka_libraries, tmp_path, 1) as cluster:
        yield cluster


@pytest.mark.timeout(400)
def test_nothing_is_lost_doubled_or_out_of_order_whatever_happens_to_the_workers(
    cluster: Cluster, tmp_path: Path
) -> None:
    outcome = play(SHORT, cluster, tmp_path)
    assert outcome.troubles() == []
