"""The labels are those of the codebook, written once."""

import re
from pathlib import Path

import pytest

from models import taxonomy
from models.taxonomy import Sector, Stance, with_parents


@pytest.fixture(scope="module")
def codebook() -> str:
    """What the labels mean."""
    return Path(taxonomy.__file__).with_name("codebook.md").read_text(encoding="utf-8")


def test_the_sectors_are_those_of_the_codebook_in_its_order(codebook: str) -> None:
    listed = re.findall(r"^\| `(\w+)` \| (\d[\d, ]*) \|", codebook, re.MULTILINE)
    assert [(sector.value, sector.crs) for sector in Sector] == listed


def test_the_parents_are_those_of_the_codebook(codebook: str) -> None:
    told = re.findall(r"((?:`\w+`,\s+)*`\w+`) →\s+`(\w+)`", codebook)
    listed = {child: parent for children, parent in told for child in re.findall(r"\w+", children)}
    assert {sector.value: sector.parent for sector in Sector if sector.parent} == listed


def test_the_stances_are_those_of_the_codebook(codebook: str) -> None:
    listed = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", codebook, re.MULTILINE)
    assert sorted(stance.value for stance in Stance) == sorted(listed)


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
