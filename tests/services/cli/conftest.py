"""Terminals and an embedded broker."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.embedded_broker import embedded_broker
from tests.services.cli.programs import Terminal


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of an embedded broker with the service's topics."""
    with embedded_broker({"statements": 2, "statements.classified": 2, "statements.rejected": 1}) as address:
        yield address


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Starts `communique` in a terminal."""
    started: list[Terminal] = []

    def start(*arguments: str | Path, **options: str) -> Terminal:
        started.append(Terminal(*arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()
