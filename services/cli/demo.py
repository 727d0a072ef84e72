"""`communique demo`: a broker, the service and sample statements in one process."""

from typing import Annotated

import typer

from services.cli.exits import ExitCode, fail, read_settings
from services.cli.loading import load_artifact


def demo(
    once: Annotated[
        bool,
        typer.Option("--once", help="End when every sample is labelled; exit code 1 if one is not within a minute."),
    ] = False,
) -> None:
    """Watch sample statements being labelled, with nothing else installed.

    Runs an embedded Kafka broker, the service and invented sample statements in one process, until Ctrl-C. Statements
    that `communique send` sends to it from another terminal are labelled and shown too.
    """
    settings = read_settings()
    loaded = load_artifact(settings)
    from models.artifact import ArtifactError  # noqa: PLC0415 - brings scikit-learn, which takes a second
    from services.cli import demonstration  # noqa: PLC0415 - brings FastStream, which takes another
    from services.embedded_broker import EmbeddedBrokerError  # noqa: PLC0415

    try:
        code = demonstration.run(settings, loaded, once=once)
    except (ArtifactError, EmbeddedBrokerError) as error:
        fail(ExitCode.BAD_CONFIGURATION, str(error))
    raise typer.Exit(code)
