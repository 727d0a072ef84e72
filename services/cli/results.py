"""A result from Kafka as a person or a program reads it."""

from pydantic_core import from_json, to_json

from services.classifier.events import ClassifiedStatement
from services.classifier.records import Record
from services.cli.following import Originals
from services.cli.rendering import render
from services.cli.screen import is_terminal, stdout, write_lines


def write_result(record: Record, originals: Originals) -> None:
    """Write a labelled statement to standard output; raises ValueError for what is none."""
    value = record.value or b""
    if is_terminal():
        event = ClassifiedStatement.model_validate_json(value)
        stdout().print(render(event, originals.text_of(event.origin)))
    else:
        write_lines([to_json(from_json(value, allow_inf_nan=False)).decode()])
