"""The command `communique`."""

import typer

from services.cli.classify import classify
from services.cli.demo import demo
from services.cli.redrive import redrive
from services.cli.send import send
from services.cli.serve import ServeCommand, serve
from services.cli.watch import watch

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
    """Run the command line."""
    app(prog_name="communique")
