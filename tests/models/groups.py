"""Groups of cases of which most hold: their share, and the list of those that are known to fail."""

import json
from collections.abc import Mapping

from tests.models.cases import DATA

KNOWN = DATA / "known-failures.json"

MOVED = 0.1
"""Share of a group that may move on or off the list before it must be made anew; training with another seed on a
corpus without five of its batches moved up to 0.075."""

FEW = 3
"""Cases that may move in any group, however small."""


def known_failures() -> dict[str, list[str]]:
    """The cases of each group that the shipped classifier gets wrong."""
    found: dict[str, list[str]] = json.loads(KNOWN.read_text(encoding="utf-8"))
    return found


def record(group: str, held: Mapping[str, bool]) -> None:
    """Write the failing cases of a group to the list."""
    groups = known_failures() | {group: sorted(case for case, holds in held.items() if not holds)}
    KNOWN.write_text(json.dumps(groups, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def enough(group: str, held: Mapping[str, bool], floor: float) -> None:
    """Assert that a share of the cases holds, and print how many do."""
    measured = f"{group}: {sum(held.values())} of {len(held)} hold, {sum(held.values()) / len(held):.1%}"
    print(measured)
    failing = sorted(case for case, holds in held.items() if not holds)
    assert sum(held.values()) >= floor * len(held), f"{measured}, below {floor:.0%}; failing: {failing}"


def as_known(group: str, held: Mapping[str, bool]) -> None:
    """Assert that the known failures still fail and the others hold, but for the few that a retraining moves."""
    known = set(known_failures().get(group, []))
    assert known <= held.keys(), f"{group}: no such cases: {sorted(known - held.keys())}"
    worse = sorted(case for case, holds in held.items() if not holds and case not in known)
    better = sorted(case for case in known if held[case])
    told = f"{group}: newly failing {worse}, no longer failing {better}"
    if worse or better:
        print(told)
    assert len(worse) + len(better) <= max(FEW, MOVED * len(held)), f"{told}; run with --record-known-failures"
