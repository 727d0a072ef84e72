"""What the process logs stays readable whatever Kafka does."""

import logging

import pytest

from services.classifier import logs
from services.classifier.logs import Repetitions

FORM = "%s [%s] %s"


def line(client: str, words: str, facility: str = "FAIL") -> logging.LogRecord:
    """A line of librdkafka as confluent-kafka hands it on."""
    return logging.makeLogRecord({"msg": FORM, "args": (facility, client, words)})


def test_a_complaint_of_librdkafka_is_written_once_whichever_client_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    repetitions = Repetitions()
    assert repetitions.filter(line("consumer-1", "refused (after 12ms)"))
    assert not repetitions.filter(line("producer-2", "refused (after 310ms)"))
    assert repetitions.filter(line("consumer-1", "timed out (after 12ms)"))
    assert repetitions.filter(line("consumer-1", "refused (after 12ms)", facility="SESSTMOUT"))
    monkeypatch.setattr(logs, "QUIET_SECONDS", 0)
    assert repetitions.filter(line("producer-2", "refused (after 310ms)"))


def test_lines_of_our_own_are_all_written() -> None:
    repetitions = Repetitions()
    own = logging.makeLogRecord({"msg": "rejected a message"})
    assert repetitions.filter(own)
    assert repetitions.filter(own)
