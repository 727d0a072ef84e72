"""Plots are SVG whose bytes depend on the figures alone, with their words as text."""

import numpy as np
import pytest

from training import plots
from training.evaluation import Scores
from training.reliability import Reliability
from training.resampling import Interval, Intervals

SERIES = {
    "proposed": Reliability(
        [1, 9], [0.15, 0.95], [0.2, 0.9], [Interval(0.1, 0.3), Interval(0.8, 1.0)], [1234, 56], 0.048
    ),
    "given": Reliability([], [], [], [], [], 0.0),
}
SCORES = Scores.of([frozenset({"water"}), frozenset({"rail"})], [frozenset({"water"}), frozenset()], ["water", "rail"])
INTERVALS = Intervals({"water": Interval(0.9, 1), "rail": Interval(0, 0.1)}, Interval(0.4, 0.6), Interval(0.5, 0.7))


def draw() -> dict[str, str]:
    """Every plot once."""
    return {
        "reliability": plots.reliability({"Sectors": SERIES}),
        "confusion": plots.confusion(np.array([[3, 1], [0, 4]]), ["for", "against"]),
        "scores": plots.scores(SCORES, INTERVALS, "F1 of each sector"),
    }


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """Every plot."""
    return draw()


def test_the_same_figures_give_the_same_bytes(drawn: dict[str, str]) -> None:
    assert draw() == drawn


def test_no_plot_holds_a_date_or_a_picture_of_dots(drawn: dict[str, str]) -> None:
    assert not any("<dc:date>" in page or "<image" in page for page in drawn.values())


@pytest.mark.parametrize(
    ("plot", "words"),
    [
        ("reliability", ["Sectors", "proposed: calibration error 0.048", "1,234", "probability said (0 to 1)"]),
        ("confusion", ["for", "against", "75 %", "100 %", "right", "given"]),
        (
            "scores",
            ["F1 of each sector", "water (1)", "rail (1)", "F1 (0 to 1), line: 95 % interval", "macro-F1 0.500"],
        ),
    ],
)
def test_title_axes_and_figures_stand_there_as_text(drawn: dict[str, str], plot: str, words: list[str]) -> None:
    assert [word for word in words if f">{word}<" not in drawn[plot]] == []
