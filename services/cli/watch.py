"""`communique watch`: follow the results, or the rejects, as they are published."""

from contextlib import closing, suppress
from typing import Annotated

import typer

from services.cli.exits import read_settings
from services.cli.screen import complain, stderr


def watch(
    rejects: Annotated[bool, typer.Option("--rejects", help="Follow what was rejected instead.")] = False,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Start with the oldest event that Kafka keeps.")
    ] = False,
) -> None:
    """Follow the labelled statements, until Ctrl-C.

    Only committed events are read. In a terminal each statement is shown with its deciding words; in a pipe the events
    are JSON Lines. A reject is then an object with key, value, headers, partition and offset; what is no UTF-8 in it is
    in base64 under key_base64, value_base64 or, for a header, in {"base64": ...}.
    """
    from services.cli import following, kafka, results  # noqa: PLC0415 - the other commands start without a Kafka client
    from services.cli import rejects as rejected  # noqa: PLC0415

    settings = read_settings()
    topic = settings.rejects_topic if rejects else settings.results_topic
    with kafka.errors(), suppress(KeyboardInterrupt), closing(following.Originals(settings)) as originals:
        stderr().print(f"Following {topic} at {settings.bootstrap_servers}; Ctrl-C ends it.")
        for record in following.follow(settings, [topic], from_beginning=from_beginning):
            try:
                rejected.write_reject(record) if rejects else results.write_result(record, originals)
            except ValueError:
                complain(f"partition {record.partition} offset {record.offset}: found no labelled statement, skipped")
