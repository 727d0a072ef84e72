"""`communique redrive`: send rejects back to be labelled anew."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event
from typing import Annotated

import typer
from rich.progress import Progress

from services.classifier.events import RejectReason
from services.classifier.settings import Settings
from services.cli.exits import ExitCode, read_settings
from services.cli.fates import Tally
from services.cli.marks import MOST_ATTEMPTS, Order
from services.cli.screen import complain, stderr, stdout

MAX_ATTEMPTS = 3
"""What failed twice more after the first time will fail again."""
REASON_HELP = f"Send only what was rejected for this reason, one of {', '.join(RejectReason)}; may be repeated."


def redrive(
    reasons: Annotated[
        list[RejectReason] | None,
        typer.Option("--reason", metavar="REASON", help=REASON_HELP, show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent; send nothing and remember nothing.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Send N at most.", show_default=False)] = None,
    max_attempts: Annotated[
        int,
        typer.Option(
            min=2,
            max=MOST_ATTEMPTS,
            metavar="N",
            help="Leave what was rejected N times already, so that nothing goes round for ever.",
        ),
    ] = MAX_ATTEMPTS,
    from_beginning: Annotated[
        bool,
        typer.Option(
            "--from-beginning",
            help="Forget what was sent before for these reasons, and send all that Kafka keeps: what has been labelled "
            "since is labelled a second time. If it is interrupted, go on without this option.",
        ),
    ] = False,
) -> None:
    """Send rejects back to the statements topic, to be labelled anew.

    Each is sent with the key, the value and the headers that it first came with, and with communique.attempt, from
    which the service counts on. What stands in the rejects topic at the start is read; what comes later is left to the
    next redrive.

    Nothing is sent twice and nothing is lost, whatever interrupts a redrive: how far it has come is committed with what
    it sent, for each reason and number of attempts apart. Start it again and it goes on. What it passes over or leaves
    waits for a redrive with another --reason or a higher --max-attempts. Of two redrives at once the later one takes
    over and the earlier one ends with 70.

    The consumer group is the service's with -redrive behind it. Kafka forgets it after offsets.retention.minutes (a
    week, if it was not told otherwise) without a redrive; where older rejects are then found, --from-beginning is asked
    for.

    What cannot be sent at all is named and not tried again, but with --from-beginning. The exit code is 1 where
    something was left or it was stopped by Ctrl-C.
    """
    order, settings = Order(frozenset(reasons or RejectReason), max_attempts), read_settings()
    from services.cli import redriving  # noqa: PLC0415 - the other commands start without a Kafka client

    with (
        redriving.errors(),
        closing(redriving.Redrive(settings, order, limit=limit, dry_run=dry_run)) as started,
        stop_on_interrupt() as stopped,
    ):
        try:
            with _progress() as progress:
                ended = started.run(progress, stopped, anew=from_beginning)
        finally:
            _tell(started.tally, "would be sent" if dry_run else "sent", settings)
    interrupted = stopped() and not ended
    if interrupted:
        complain("stopped by Ctrl-C; start it again to go on")
    if interrupted or not started.tally.is_good:
        raise typer.Exit(ExitCode.NOT_LABELLED)


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, for work that ends where it does no harm; a second one ends it at once."""
    pressed = Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _progress() -> Progress:
    """A bar for a person who looks at standard error."""
    return Progress(console=stderr(), transient=True, disable=not sys.stderr.isatty(), redirect_stdout=False)


def _tell(tally: Tally, sent: str, settings: Settings) -> None:
    """Say what became of the rejects of each reason, and how many were sent."""
    table = tally.table(sent)
    if table.row_count:
        stdout().print(table)
    stdout().print(
        f"{tally.sent} {sent} to {settings.statements_topic} at {settings.bootstrap_servers}", soft_wrap=True
    )
