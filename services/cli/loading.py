"""The classifier, loaded while a person waits."""

from typing import TYPE_CHECKING

from services.classifier.settings import Settings
from services.cli.exits import ExitCode, fail
from services.cli.screen import stderr

if TYPE_CHECKING:
    from models.artifact import Artifact


def load_artifact(settings: Settings) -> "Artifact":
    """The classifier of the settings; one that cannot be used ends the command."""
    with stderr().status("Loading the classifier"):
        from models import artifact  # noqa: PLC0415 - brings scikit-learn, which takes a second

        try:
            return artifact.load(settings.artifact or artifact.SHIPPED)
        except artifact.ArtifactError as error:
            fail(ExitCode.BAD_CONFIGURATION, str(error))
