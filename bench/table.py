"""The results as a table, and where the README shows them."""

from collections.abc import Iterator, Sequence
from typing import Any

from bench.run import Of

HEAD = (
    "worker processes, delivery",
    "workers",
    "statements/s",
    "of the bare classifier",
    "p50 / p95 / p99 in ms at 50 % of its rate",
    "at 90 %",
    "at 50 % of communique's rate",
    "at 90 %",
    "RSS in MiB",
    "CPU s per 1,000",
)
COLUMNS = tuple((of, share) for of in Of for share in (0.5, 0.9))
Result = dict[str, Any]


class MarkerError(Exception):
    """The README has no place for what should be written there."""


def table(results: Result) -> str:
    """A line for the bare classifier and one for each peer and number of workers."""
    lines = [HEAD, ("---",) * len(HEAD), _bare(results["bare"])]
    lines += [line for peer in results["peers"] for line in _lines(peer)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _bare(bare: Sequence[Result]) -> Sequence[str]:
    """The bare classifier, from its slowest run to its fastest."""
    rates = sorted(one["statements_per_second"] for one in bare)
    cpu = sorted(one["cpu_seconds_per_1000"] for one in bare)
    shown = f"{rates[0]:,.0f} to {rates[-1]:,.0f}"
    return ("bare classifier, in memory", "1", shown, "1", *("",) * len(COLUMNS), "", f"{cpu[len(cpu) // 2]:.2f}")


def _lines(peer: Result) -> Iterator[Sequence[str]]:
    """A peer's lines, or the reason why it has none."""
    name = f"{peer['title']} ({_versions(peer)}), {peer['delivers']}"
    if "not_measured" in peer:
        yield (name, f"not measured: {' '.join(peer['not_measured'].split())}", *("",) * (len(HEAD) - 2))
    for result in peer["results"]:
        yield (
            name,
            str(result["workers"]),
            f"{result['statements_per_second']:,.0f}",
            f"{result['share_of_bare']:.2f}",
            *(_latency(result["latencies"], of, share) for of, share in COLUMNS),
            f"{result['rss_mib']:,.0f}",
            f"{result['cpu_seconds_per_1000']:.2f}",
        )


def _versions(peer: Result) -> str:
    """The packages that make the peer, not those of the classifier, which are the same for all."""
    return ", ".join(f"{name} {peer['versions'][name]}" for name in peer["packages"])


def _latency(latencies: Sequence[Result], of: Of, share: float) -> str:
    """The percentiles under a load; a dash where the load is more than the peer can take."""
    found = next((one for one in latencies if one["of"] == of and one["share"] == share), {})
    if "p50" not in found:
        return "–"
    lost = f", {found['unanswered']:,} unanswered" if found["unanswered"] else ""
    return " / ".join(f"{found[name]:,.0f}" for name in ("p50", "p95", "p99")) + lost


def placed(readme: str, marker: str, text: str) -> str:
    """The README with this text between `<!-- marker -->` and `<!-- /marker -->`. Raises MarkerError."""
    first, last = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    if readme.count(first) != 1 or readme.count(last) != 1 or readme.index(first) > readme.index(last):
        raise MarkerError(f"the README needs {first} and behind it {last}, once each")
    before, rest = readme.split(first)
    return f"{before}{first}\n{text}\n{last}{rest.split(last)[1]}"
