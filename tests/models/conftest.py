"""What the behaviour tests share: how a group of cases is checked."""

from collections.abc import Callable, Mapping

import pytest

from tests.models import groups

Check = Callable[[str, Mapping[str, bool], float], None]
"""Takes a group's name, whether each case holds, and the share that must."""


@pytest.fixture
def check_group(request: pytest.FixtureRequest) -> Check:
    """Checks a group against its floor and its known failures, which `--record-known-failures` writes first."""
    anew = request.config.getoption("--record-known-failures")

    def check(group: str, held: Mapping[str, bool], floor: float) -> None:
        if anew:
            groups.record(group, held)
        groups.enough(group, held, floor)
        groups.as_known(group, held)

    return check
