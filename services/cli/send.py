"""`communique send`: publish statements to Kafka."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.exits import ExitCode, read_settings, readable
from services.cli.inputs import open_inputs
from services.cli.reading import FILES_HELP
from services.cli.screen import complain, stdout


def send(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=FILES_HELP)],
) -> None:
    """Publish the statements in files to the statements topic.

    Each is keyed by its statement_id and has CloudEvents headers. Files are read as `communique classify` reads them.
    The broker's word is awaited for every statement; where one is unreadable or not delivered, it is named on standard
    error and the exit code is 1.
    """
    paths, settings = readable(files), read_settings()
    from services.cli import kafka, publishing  # noqa: PLC0415 - the other commands start without a Kafka client

    with kafka.errors(), open_inputs(paths, "Sending") as inputs:
        deliveries = publishing.publish(settings, (found.statement for found in inputs))
    for failure in deliveries.failures:
        complain(failure)
    stdout().print(f"{deliveries.delivered} sent to {settings.statements_topic} at {settings.bootstrap_servers}")
    if inputs.refused or deliveries.failures:
        raise typer.Exit(ExitCode.NOT_LABELLED)
