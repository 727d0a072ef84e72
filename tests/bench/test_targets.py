"""A target that is missed is seen."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import targets

RESULTS = (Path(__file__).parent / "data" / "results.json").read_text(encoding="utf-8")


@pytest.fixture
def results() -> Any:
    """Results in which communique is slower than Bytewax, and good enough in all else."""
    return json.loads(RESULTS)


def holding(results: Any) -> list[bool]:
    """Which targets hold: the bare classifier's rate, Bytewax's, and the latency."""
    return [verdict.holds for verdict in targets.verdicts(results)]


def test_rates_and_latency_are_judged_beside_those_of_the_same_run(results: Any) -> None:
    assert holding(results) == [True, False, True]


def test_what_was_not_measured_is_not_judged(results: Any) -> None:
    results["peers"] = results["peers"][1:]
    assert holding(results) == []


def test_a_slow_answer_at_half_load_is_a_target_missed(results: Any) -> None:
    results["peers"][0]["results"][0]["latencies"][0]["p99"] = 250.1
    assert holding(results) == [True, False, False]


def test_a_machine_that_was_busy_is_told(results: Any) -> None:
    assert targets.unquiet(results) is None
    results["bare"][0]["statements_per_second"] = 600.0
    assert "600 to 1,210/s" in (targets.unquiet(results) or "")


def test_a_rate_below_its_share_of_the_bare_classifier_is_a_target_missed(results: Any) -> None:
    results["peers"][0]["results"][0]["share_of_bare"] = 0.849
    assert holding(results) == [False, False, True]
