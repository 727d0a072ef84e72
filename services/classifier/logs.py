"""Logs as JSON, one object a line, for machines to read."""

import json
import logging
import re
import sys
import time
import traceback
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

QUIET_SECONDS = 60
"""Each client of a Kafka that refuses it complains once a second."""
_LIBRDKAFKA = "%s [%s] %s"
"""The form in which confluent-kafka hands on librdkafka's lines: facility, client, words."""


class Repetitions(logging.Filter):
    """Lets a complaint of librdkafka through once a minute, whichever client has it."""

    def __init__(self) -> None:
        """Begin with none heard."""
        super().__init__()
        self._heard: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is to be written."""
        if record.msg != _LIBRDKAFKA or not isinstance(record.args, tuple):
            return True
        complaint = re.sub(r"\d+", "", f"{record.args[0]} {record.args[-1]}")
        now = time.monotonic()
        self._heard = {other: last for other, last in self._heard.items() if now - last < QUIET_SECONDS}
        if complaint in self._heard:
            return False
        self._heard[complaint] = now
        return True


class JsonFormatter(logging.Formatter):
    """Writes a log record as one line; of an exception its type and place, as its words could quote a statement."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["traceback"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Send every log to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(Repetitions())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
