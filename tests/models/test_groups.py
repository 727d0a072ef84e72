"""The check of groups itself: it fails when too few cases hold, and when the list of known failures is out of date."""

import pytest

from tests.models import groups

HELD = {f"case {number}": number >= 8 for number in range(40)}
"""Forty cases of which eight fail."""


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A list of known failures with one group."""
    failures = {"group": [f"case {number}" for number in range(8)]}
    monkeypatch.setattr(groups, "known_failures", lambda: failures)
    return failures


def test_a_group_below_its_floor_fails_with_its_figure() -> None:
    groups.enough("group", HELD, 0.8)
    with pytest.raises(AssertionError, match=r"32 of 40 hold, 80.0%, below 81%"):
        groups.enough("group", HELD, 0.81)


def test_a_list_of_known_failures_may_be_out_by_a_tenth_and_no_more() -> None:
    groups.as_known("group", HELD)
    groups.as_known("group", HELD | dict.fromkeys(["case 8", "case 9", "case 10", "case 11"], False))
    with pytest.raises(AssertionError, match="newly failing"):
        groups.as_known("group", HELD | dict.fromkeys(["case 8", "case 9", "case 10", "case 11", "case 12"], False))


def test_known_failures_that_hold_again_must_leave_the_list() -> None:
    with pytest.raises(AssertionError, match="no longer failing"):
        groups.as_known("group", dict.fromkeys(HELD, True))


def test_a_known_failure_must_be_a_case(known: dict[str, list[str]]) -> None:
    known["group"].append("case of a past life")
    with pytest.raises(AssertionError, match="no such cases"):
        groups.as_known("group", HELD)
