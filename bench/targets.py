"""What must hold of the results, each as a share of something measured in the same run."""

from dataclasses import dataclass
from typing import Any

from bench.run import OURS, Of

Result = dict[str, Any]
LEAST = {"the bare classifier's rate": 0.85, "MLServer's rate": 5.0, "Bytewax's rate": 1.0}
P99_MAX_MS = 250.0
QUIET = 1.15
"""The fastest run of the bare classifier over its slowest at most: the room between 0.85 and all of its rate."""
RSS_MAX_MIB_PER_100_000 = 1.0


@dataclass(frozen=True)
class Verdict:
    """A target, what was measured, and whether that is good enough."""

    target: str
    measured: float
    holds: bool

    def __str__(self) -> str:
        return f"{'holds' if self.holds else 'MISSED'}: {self.target}: {self.measured:.2f}"


def verdicts(results: Result) -> list[Verdict]:
    """A verdict on each target whose figures are there, with one worker."""
    rows = {peer["name"]: peer["results"][0] for peer in results["peers"] if peer["results"]}
    if OURS not in rows:
        return []
    ours = rows[OURS]
    shares = {"the bare classifier's rate": ours["share_of_bare"]}
    for name, whose in (("mlserver", "MLServer's rate"), ("bytewax", "Bytewax's rate")):
        if name in rows:
            shares[whose] = ours["statements_per_second"] / rows[name]["statements_per_second"]
    found = [
        Verdict(f"at least {LEAST[name]} of {name}", share, share >= LEAST[name]) for name, share in shares.items()
    ]
    half = [one for one in ours["latencies"] if one["of"] == Of.OWN and one["share"] == 0.5]
    return found + [at_most(f"p99 at half load at most {P99_MAX_MS:.0f} ms", one["p99"], P99_MAX_MS) for one in half]


def unquiet(results: Result) -> str | None:
    """A warning where the bare classifier's own rates differ so much that no share can be trusted."""
    rates = [one["statements_per_second"] for one in results["bare"]]
    if max(rates) <= QUIET * min(rates):
        return None
    return (
        f"the machine was not quiet: the bare classifier made {min(rates):,.0f} to {max(rates):,.0f}/s; measure again"
    )


def at_most(target: str, measured: float, limit: float) -> Verdict:
    """A verdict on what must be small."""
    return Verdict(target, measured, measured <= limit)
