"""Review: a person sees the statements of which more is expected to be wrong than right ones can outweigh."""

import numpy as np
import pytest

from models.review import doubt


@pytest.mark.parametrize(
    ("chances", "given", "wanted"),
    [
        ([0.0, 0.0], [False, False], 0.0),
        ([1.0, 0.0], [True, False], 0.0),
        ([0.6, 0.0], [True, False], 0.2),
        ([0.4, 0.0], [False, False], 0.4),
        ([0.6, 0.4], [True, False], 0.4),
        ([0.6, 1.0], [True, True], 0.4 / 3),
    ],
)
def test_doubt_is_what_is_expected_to_be_wrong_beside_what_is_given(
    chances: list[float], given: list[bool], wanted: float
) -> None:
    assert doubt(np.array(chances), np.array(given)) == pytest.approx(wanted)


def test_doubt_is_told_of_each_statement() -> None:
    chances, given = np.array([[0.9, 0.2], [0.0, 0.5]]), np.array([[True, False], [False, False]])
    assert doubt(chances, given) == pytest.approx([0.15, 0.5])


def test_a_statement_without_sectors_leaves_no_doubt() -> None:
    assert doubt(np.array([]), np.array([], dtype=np.bool_)) == 0
