"""The inputs that a command was given, opened one after the other under a progress bar."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress

from services.cli.reading import STANDARD_INPUT, Found, Readable, Unreadable, read_input
from services.cli.screen import complain, harmless, is_terminal, stderr


class Inputs:
    """Statements to work through; what is none, or is refused by whoever works on it, is complained of and counted."""

    def __init__(self, found: Iterator[Found]) -> None:
        self._found = found
        self.refused = 0

    def __iter__(self) -> Iterator[Readable]:
        """Every statement with its place, in the order of the inputs."""
        for item in self._found:
            if isinstance(item, Unreadable):
                self.refuse(item.place, item.error)
            else:
                yield item

    def refuse(self, place: str, error: str) -> None:
        """Complain of what stands in a place, and count it."""
        self.refused += 1
        complain(f"{place}: {error}")


@contextmanager
def open_inputs(paths: list[Path], doing: str) -> Iterator[Inputs]:
    """The statements of files and standard input; a bar shows how far it is where nothing else on a terminal does."""
    hidden = is_terminal() or not sys.stderr.isatty()
    with Progress(console=stderr(), transient=True, disable=hidden, redirect_stdout=False) as progress:
        yield Inputs(_read_all(paths, doing, progress))


def _read_all(paths: list[Path], doing: str, progress: Progress) -> Iterator[Found]:
    """What is found in each input."""
    for path in paths:
        if path == STANDARD_INPUT:
            yield from read_input(path, sys.stdin.buffer)
            continue
        try:
            with progress.open(path, "rb", description=f"{doing} {harmless(path.name)}") as stream:
                yield from read_input(path, stream)
        except OSError as error:
            yield Unreadable(str(path), f"cannot be opened: {error.strerror}")
