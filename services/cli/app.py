"""The command `communique`."""

import sys
from contextlib import suppress

import typer

from services.cli.classify import classify
from services.cli.demo import demo
from services.cli.redrive import redrive
from services.cli.send import send
from services.cli.serve import ServeCommand, serve
from services.cli.watch import watch
from services.process import end_process

app = typer.Typer(
    name="communique",
    help="Label diplomatic statements with their fields of cooperation and their stance on the war in Ukraine.",
    epilog="Exit codes: 0 good, 1 something was not labelled or not sent, 2 wrong usage, 70 fatal Kafka error, "
    "78 bad configuration or artefact.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for command in (demo, classify, send, watch, redrive):
    app.command()(command)
app.command(cls=ServeCommand)(serve)


def main() -> None:
    """Run the command line, and end its process whether or not its Kafka clients are done."""
    try:
        app(prog_name="communique")
    except SystemExit as ended:
        if isinstance(ended.code, int | None):
            with suppress(OSError):  # Python's own end tells of output that nobody takes
                for stream in filter(None, (sys.stdout, sys.stderr)):
                    stream.flush()
                end_process(ended.code or 0)
        raise
