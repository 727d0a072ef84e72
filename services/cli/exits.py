"""How a command ends: its exit code, and the errors that more than one command can meet."""

from enum import IntEnum
from pathlib import Path
from stat import S_ISDIR
from typing import NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from services.classifier.settings import PREFIX, Settings
from services.cli.reading import STANDARD_INPUT, SUFFIXES
from services.cli.screen import complain


class ExitCode(IntEnum):
    """What a caller learns from how a command ended."""

    GOOD = 0
    NOT_LABELLED = 1
    WRONG_USAGE = 2
    FATAL_KAFKA = 70
    BAD_CONFIGURATION = 78


def fail(code: ExitCode, message: str) -> NoReturn:
    """End the command with a message on standard error."""
    complain(message)
    raise typer.Exit(code)


def read_settings() -> Settings:
    """The settings in the environment; a bad one ends the command."""
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(_fault(".".join(map(str, detail["loc"])), detail["msg"]) for detail in error.errors())
        fail(ExitCode.BAD_CONFIGURATION, f"{faults} (communique serve --help lists the settings)")
    except SettingsError as error:
        fail(ExitCode.BAD_CONFIGURATION, str(error))


def readable(paths: list[Path]) -> list[Path]:
    """The paths, if each can be opened and has a format that is known; a wrong one ends the command."""
    for path in paths:
        if path == STANDARD_INPUT:
            continue
        try:
            mode = path.stat().st_mode
        except OSError as error:
            fail(ExitCode.WRONG_USAGE, f"{path}: cannot be opened: {error.strerror}")
        if S_ISDIR(mode):
            fail(ExitCode.WRONG_USAGE, f"{path}: found a folder, wanted files")
        if path.suffix.lower() not in SUFFIXES:
            wanted = ", ".join(SUFFIXES)
            fail(ExitCode.WRONG_USAGE, f"{path}: found “{path.suffix}” at the name's end, wanted one of {wanted}")
    return paths


def _fault(setting: str, message: str) -> str:
    """A setting's fault under the name that the operator gave it."""
    return f"{PREFIX}{setting.upper()}: {message}" if setting else message
