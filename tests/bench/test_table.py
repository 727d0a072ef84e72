"""The table says what was measured, and goes where the README wants it."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import table

README = "# Title\n<!-- bench -->\nold\n<!-- /bench -->\nrest\n"


@pytest.fixture
def results() -> Any:
    """Results of three peers, of which one could not be measured."""
    return json.loads((Path(__file__).parent / "data" / "results.json").read_text(encoding="utf-8"))


def cells(line: str) -> list[str]:
    """The cells of a line."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_every_line_has_a_cell_for_every_column(results: Any) -> None:
    assert {len(cells(line)) for line in table.table(results).splitlines()} == {len(table.HEAD)}


def test_a_line_shows_rate_latencies_memory_and_cpu_of_its_peer(results: Any) -> None:
    assert cells(table.table(results).splitlines()[3]) == [
        "communique (faststream 0.7.8), exactly once",
        "1",
        "1,050",
        "0.86",
        "90 / 150 / 180",
        "1,900 / 2,500 / 3,000, 1,200 unanswered",
        "–",
        "–",
        "260",
        "0.95",
    ]


def test_the_bare_classifier_is_shown_from_its_slowest_to_its_fastest_run(results: Any) -> None:
    assert cells(table.table(results).splitlines()[2])[2] == "1,190 to 1,250"


def test_a_peer_that_was_not_measured_has_the_reason_and_no_figure(results: Any) -> None:
    line = cells(table.table(results).splitlines()[4])
    assert line[1] == "not measured: a worker ended with 1: no such port"
    assert not any(line[2:])


def test_a_load_that_a_peer_cannot_take_has_a_dash_and_never_the_figure_of_another(results: Any) -> None:
    assert cells(table.table(results).splitlines()[5])[4:8] == ["–", "–", "–", "9 / 20 / 30"]


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    once = table.placed(README, "bench", "new")
    assert once == "# Title\n<!-- bench -->\nnew\n<!-- /bench -->\nrest\n"
    assert table.placed(once, "bench", "new") == once


@pytest.mark.parametrize("readme", ["no markers", "<!-- bench -->", README + README, "<!-- /bench --><!-- bench -->"])
def test_a_readme_without_its_two_markers_is_an_error(readme: str) -> None:
    with pytest.raises(table.MarkerError):
        table.placed(readme, "bench", "new")


def test_the_readme_has_a_place_for_the_table() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "new table" in table.placed(readme, "bench", "new table")
