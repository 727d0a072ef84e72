"""The plots of the model card, as SVG: the same figures give the same bytes."""

import io
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from training.evaluation import Scores
from training.reliability import BINS, Reliability
from training.resampling import Intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#595959"
"""Of Okabe and Ito 2008, told apart by colour-blind readers too; markers differ as well."""

STYLE = Path(__file__).parent / "plots.mplstyle"


class PlotsError(Exception):
    """matplotlib is missing; the message says what to install."""


def check() -> None:
    """Raise PlotsError where no plot can be drawn, before minutes of work are done for it."""
    if find_spec("matplotlib") is None:
        raise PlotsError(
            "found no matplotlib, wanted it for the plots of the card: make setup, or pip install '.[training]'"
        )


def reliability(panels: Mapping[str, Mapping[str, Reliability]]) -> str:
    """A reliability diagram for each title, of one or two series of answers, with the counts of each bin below."""

    def draw(figure: "Figure") -> None:
        rows = figure.subplots(2, len(panels), sharex=True, height_ratios=[3, 1.3], squeeze=False)
        for column, (title, series) in enumerate(panels.items()):
            _reliability(rows[0, column], title, series)
            _counts(rows[1, column], series)

    return _svg((8.6, 5.6), "Reliability of the probabilities", draw)


def _reliability(axes: "Axes", title: str, series: Mapping[str, Reliability]) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="ideal")
    for (name, found), colour, marker in zip(series.items(), (BLUE, ORANGE), "os", strict=False):
        lows, highs = [i.low for i in found.intervals], [i.high for i in found.intervals]
        axes.vlines(found.probabilities, lows, highs, color=colour, linewidth=1.5)
        label = f"{name}: calibration error {found.error:.3f}"
        axes.plot(found.probabilities, found.shares, color=colour, marker=marker, markersize=5, label=label)
    axes.set(title=title, ylabel="share that is right (0 to 1)", xlim=(0, 1), ylim=(-0.03, 1.03))
    axes.legend(loc="upper left", frameon=False, fontsize=9)


def _counts(axes: "Axes", series: Mapping[str, Reliability]) -> None:
    width = 0.8 / BINS / len(series)
    for number, (found, colour) in enumerate(zip(series.values(), (BLUE, ORANGE), strict=False)):
        left = [place / BINS + 0.01 + number * width for place in found.bins]
        bars = axes.bar(left, found.counts, width, align="edge", color=colour)
        axes.bar_label(bars, [f"{count:,}" for count in found.counts], fontsize=7, rotation=90, padding=2)
    axes.set(xlabel="probability said (0 to 1)", ylabel="answers (log scale)", yscale="log")
    axes.set_ylim(1, 40 * max((count for found in series.values() for count in found.counts), default=1))


def confusion(counts: NDArray[np.int_], names: Sequence[str]) -> str:
    """How often each right label (row) was given which (column), with its share of the row."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=2)
        for (row, column), count in np.ndenumerate(counts):
            text = f"{count:,}\n{100 * shares[row, column]:.0f} %"
            dark = shares[row, column] > 0.5
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color="white" if dark else "black")
        ticks = np.arange(len(names)) + 0.5
        axes.set_xticks(ticks, names)
        axes.set_yticks(ticks, names)
        axes.tick_params(length=0)
        axes.invert_yaxis()
        axes.set(title="Stances, in statements and as share of the row", xlabel="given", ylabel="right")

    return _svg((7.2, 4.4), "Confusion matrix of the stances", draw)


def scores(table: Scores, intervals: Intervals, title: str) -> str:
    """F1 of each label with its 95 % interval, best first, and how many statements rightly have it."""
    rows = [(label, score) for label, score in table.worst_first() if score.support]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        places = range(len(rows))
        ends = [intervals.labels[label] for label, _ in rows]
        axes.hlines(places, [end.low for end in ends], [end.high for end in ends], color=BLUE, linewidth=2)
        axes.plot([score.f1 for _, score in rows], places, "o", color=BLUE)
        axes.axvline(table.macro, color=ORANGE, linestyle="--", label=f"macro-F1 {table.macro:.3f}")
        axes.set_yticks(places, [f"{label} ({score.support:,})" for label, score in rows])
        axes.grid(axis="x", color="#dddddd")
        axes.set_axisbelow(True)
        axes.set(
            title=title, xlabel="F1 (0 to 1), line: 95 % interval", ylabel="label (statements that rightly have it)"
        )
        axes.legend(loc="lower right", frameon=False)

    return _svg((8.0, 6.8), title, draw)


def _svg(inches: tuple[float, float], title: str, draw: "Callable[[Figure], None]") -> str:
    import matplotlib  # noqa: PLC0415 - an optional extra, and half a second for the commands that draw nothing
    from matplotlib.figure import Figure  # noqa: PLC0415

    with matplotlib.rc_context(fname=STYLE):
        figure = Figure(figsize=inches, layout="constrained")
        draw(figure)
        page = io.StringIO()
        figure.savefig(page, format="svg", metadata={"Title": title, "Date": None, "Creator": None})
    return page.getvalue()
