"""A reject as a person or a program reads it."""

from base64 import b64encode
from typing import Any

from pydantic_core import to_json
from rich.text import Text

from services.classifier.records import Record
from services.classifier.rejection import OWN
from services.cli.rendering import REVIEW_STYLE
from services.cli.screen import harmless, is_terminal, stdout, write_lines

VALUE_SHOWN_CHARACTERS = 200
"""Enough to know a message again; the pipe has all of it."""


def write_reject(record: Record) -> None:
    """Write a reject for whoever reads standard output."""
    if is_terminal():
        stdout().print(_render_reject(record))
    else:
        write_lines([to_json(_reject(record)).decode()])


def _render_reject(record: Record) -> Text:
    """Why something was rejected, where it came from and how it begins."""
    headers = {name: _text(value) for name, value in record.headers if name.startswith(OWN)}
    reason = harmless(headers.pop(f"{OWN}reason", "unknown"))
    facts = ", ".join(f"{name.removeprefix(OWN)} {value}" for name, value in headers.items())
    value = _text(record.value)[:VALUE_SHOWN_CHARACTERS]
    return Text.assemble(
        (f" {reason} ", f"{REVIEW_STYLE} reverse"), "  ", harmless(facts), "\n  ", (harmless(value), "dim")
    )


def _reject(record: Record) -> dict[str, Any]:
    """A reject as a JSON object that keeps every byte."""
    headers = [[name, value if isinstance(value, str | None) else _exact(value)] for name, value in record.headers]
    return {
        **_field("key", record.key),
        **_field("value", record.value),
        "headers": headers,
        "partition": record.partition,
        "offset": record.offset,
    }


def _field(name: str, value: str | bytes | None) -> dict[str, Any]:
    """A key or value under its name, or in base64 under another."""
    exact = _exact(value) if isinstance(value, bytes) else value
    return {f"{name}_base64": exact["base64"]} if isinstance(exact, dict) else {name: exact}


def _exact(value: bytes) -> str | dict[str, str]:
    """Bytes as text, or in base64 where they are none."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(value).decode()}


def _text(value: str | bytes | None) -> str:
    """Something to show for any bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""
