"""Memory that grows is seen, and what a worker takes at first is not held against it."""

import pytest

from bench.soak import Sample, mib_per_100_000


def samples(warm_up_mib: float, grown_mib: float) -> list[Sample]:
    """Memory over a million statements that grows at first, and then evenly."""
    first = [Sample(number * 10_000, 200.0 + warm_up_mib * number / 10) for number in range(1, 11)]
    later = [Sample(number * 10_000, 200.0 + warm_up_mib + grown_mib * (number - 10) / 90) for number in range(11, 101)]
    return first + later


@pytest.mark.parametrize(("warm_up", "grown", "slope"), [(80, 0, 0), (0, 9, 1), (80, 18, 2)])
def test_growth_is_told_for_100_000_statements_after_the_warm_up(warm_up: float, grown: float, slope: float) -> None:
    assert mib_per_100_000(samples(warm_up, grown)) == pytest.approx(slope, abs=0.05)
