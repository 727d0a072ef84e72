"""Percentiles are those of what came."""

import pytest

from bench.measuring import Latency


def test_latencies_are_percentiles_in_milliseconds() -> None:
    measured = Latency.of(500, [number / 1000 for number in range(1, 101)], unanswered=3)
    assert (measured.p50, measured.p95, measured.p99) == pytest.approx((50.5, 95.05, 99.01))
    assert measured.unanswered == 3
