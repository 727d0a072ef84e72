"""Rates and percentiles are those of what came."""

import pytest

from bench.measuring import Latency, slope


def test_a_rate_is_not_tilted_by_results_that_come_in_batches() -> None:
    times = [batch * 0.5 for batch in range(20) for _ in range(500)]
    assert slope(times) == pytest.approx(1000, rel=0.01)


def test_latencies_are_percentiles_in_milliseconds() -> None:
    measured = Latency.of(500, [number / 1000 for number in range(1, 101)], unanswered=3)
    assert (measured.p50, measured.p95, measured.p99) == pytest.approx((50.5, 95.05, 99.01))
    assert measured.unanswered == 3
