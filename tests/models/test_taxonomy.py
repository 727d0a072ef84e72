"""The labels are those of the codebook, written once."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.taxonomy import Sector, Stance, with_parents


@pytest.fixture
def codebook() -> Any:
    """The labels as the codebook lists them."""
    return json.loads((Path(__file__).parent / "data" / "codebook-labels.json").read_text(encoding="utf-8"))


def test_the_sectors_are_those_of_the_codebook_in_its_order(codebook: Any) -> None:
    found = [{"id": sector.value, "crs": sector.crs, "parent": sector.parent} for sector in Sector]
    assert found == codebook["sectors"]


def test_the_stances_are_those_of_the_codebook_in_its_order(codebook: Any) -> None:
    assert [stance.value for stance in Stance] == codebook["stances"]


def test_every_label_is_named_by_its_id() -> None:
    assert all(label.name == label.value.upper() for labels in (Sector, Stance) for label in labels)


def test_a_parent_has_no_parent_itself() -> None:
    assert all(sector.parent.parent is None for sector in Sector if sector.parent is not None)


@pytest.mark.parametrize("child", [sector for sector in Sector if sector.parent is not None])
def test_a_child_brings_its_parent(child: Sector) -> None:
    assert with_parents([child]) == {child, child.parent}


def test_a_parent_brings_no_child_and_nothing_brings_nothing() -> None:
    assert with_parents([Sector.ENERGY, Sector.TRANSPORT]) == {Sector.ENERGY, Sector.TRANSPORT}
    assert with_parents([]) == set()
