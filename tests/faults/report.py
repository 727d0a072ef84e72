"""What a run of faults prints."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults.scene import Outcome

COUNTS = ("statements", "lost", "duplicated", "out_of_order", "hidden")


def table(outcomes: Sequence[Outcome]) -> Table:
    """A row for each fault, and the sums."""
    made = Table(box=None, pad_edge=False)
    for heading in ("fault", "hurts", *COUNTS, "p50 s", "p99 s", "bound s", "exits", "verdict"):
        made.add_column(heading, justify="left" if heading in ("fault", "exits", "verdict") else "right")
    for outcome in outcomes:
        made.add_row(*row(outcome))
    sums = [f"{sum(outcome.findings[name] for outcome in outcomes):,}" for name in COUNTS]
    made.add_row("all", str(sum(outcome.hurts for outcome in outcomes)), *sums)
    return made


def row(outcome: Outcome) -> list[str]:
    """A fault's row."""
    counts = [f"{outcome.findings[name]:,}" for name in COUNTS]
    times = [f"{outcome.percentile(50):.1f}", f"{outcome.percentile(99):.1f}", f"{outcome.fault.bound}"]
    exits = " ".join(f"{code}×{count}" for code, count in sorted(outcome.exits.items()))
    return [outcome.fault.name, str(outcome.hurts), *counts, *times, exits, "; ".join(outcome.troubles()) or "good"]


def facts(outcome: Outcome) -> dict[str, Any]:
    """A fault's outcome, for JSON."""
    return {
        "fault": outcome.fault.name,
        "hurts": outcome.hurts,
        **outcome.findings,
        "recovery_seconds": [round(seconds, 2) for seconds in outcome.recoveries],
        "bound_seconds": outcome.fault.bound,
        "exits": outcome.exits,
        "troubles": outcome.troubles(),
    }


def show(outcomes: Sequence[Outcome]) -> None:
    """Print the table, and why a session or a bound is another than the usual."""
    console = Console(width=200)
    console.print(table(outcomes))
    for outcome in outcomes:
        if outcome.fault.reason:
            console.print(f"{outcome.fault.name}: {outcome.fault.reason}")
