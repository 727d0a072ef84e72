"""The two streams that a person or a pipe reads, and text made safe for them."""

import re
import sys

import typer
from rich.console import Console
from rich.text import Text

_CONTROLS = (
    {code: 0x2400 + code for code in range(32)}
    | {ord("\n"): ord("\n"), ord("\t"): ord(" "), ord("\r"): ord(" "), 0x7F: 0x2421}
    | dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
)
"""What moves the cursor, sets colours or turns the writing's direction becomes one visible character: offsets hold."""
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Screen(Console):
    """A console that leaves it to the command line what a reader that went away means."""

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError on, where Rich would end the thread that prints."""
        raise  # noqa: PLE0704 - Rich calls this in its handler of the error


def stdout() -> Console:
    """Standard output; nothing printed there is read as markup."""
    return Screen(markup=False, highlight=False, emoji=False)


def stderr() -> Console:
    """Standard error; nothing printed there is read as markup."""
    return Screen(stderr=True, markup=False, highlight=False, emoji=False)


def harmless(text: str) -> str:
    """Text of the same length that a terminal only shows."""
    return text.translate(_CONTROLS)


def complain(message: str) -> None:
    """Say on standard error what went wrong."""
    console = stderr()
    console.print(Text.assemble(("communique: ", "bold red"), harmless(message)), soft_wrap=True)


def write_lines(lines: list[str]) -> None:
    """Write JSON Lines to standard output, harmless to a terminal too."""
    if lines:
        whole = "".join(f"{_UNSAFE_IN_JSON.sub(_escaped, line)}\n" for line in lines)
        typer.echo(whole.encode(), nl=False)


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()


def _escaped(match: re.Match[str]) -> str:
    """A character of a JSON string as its escape."""
    return f"\\u{ord(match.group()):04x}"
