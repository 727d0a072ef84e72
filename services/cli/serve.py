"""`communique serve`: the service, against the Kafka of its settings."""

from typing import Any

import typer
from pydantic.fields import FieldInfo
from rich.table import Table
from typer.core import TyperCommand

from services.classifier.settings import PREFIX, Settings
from services.cli.exits import ExitCode, fail, read_settings
from services.cli.screen import stdout


class ServeCommand(TyperCommand):
    """A command whose help ends with every setting of the service."""

    def format_help(self, *arguments: Any) -> None:
        """Write the help, then the settings."""
        super().format_help(*arguments)
        stdout().print(settings_table())


def serve() -> None:
    """Run the service until SIGTERM or Ctrl-C.

    It reads statements from Kafka, labels them and publishes results and rejects. Its settings are environment
    variables; COMMUNIQUE_X_FILE names a file that holds the value of COMMUNIQUE_X, for secrets.
    """
    settings = read_settings()
    from models.artifact import ArtifactError  # noqa: PLC0415 - brings scikit-learn, which takes a second
    from services.classifier import app  # noqa: PLC0415 - brings FastStream, which takes another
    from services.cli import kafka  # noqa: PLC0415 - brings a Kafka client

    try:
        with kafka.errors():
            code = app.run(settings)
    except ArtifactError as error:
        fail(ExitCode.BAD_CONFIGURATION, str(error))
    except OSError as error:
        fail(ExitCode.BAD_CONFIGURATION, f"cannot serve on {settings.http_host}:{settings.http_port}: {error.strerror}")
    raise typer.Exit(code)


def settings_table() -> Table:
    """Every setting, its default and what it means."""
    table = Table(
        title="Settings", title_justify="left", title_style="bold", box=None, pad_edge=False, show_header=False
    )
    table.add_column(no_wrap=True)
    table.add_column()
    for name, field in Settings.model_fields.items():
        table.add_row(f"{PREFIX}{name.upper()}", f"{field.description}{_default(field)}")
    return table


def _default(field: FieldInfo) -> str:
    """The default as an operator would write it; the description tells one that is worked out."""
    return "" if field.default is None or field.default_factory else f" [{field.default}]"
