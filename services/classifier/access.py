"""Whether Kafka lets this worker do its work, asked over and over.

A consumer that lacks a right is told once, in a message that FastStream drops; that it has the right again, never.
"""

import asyncio
import logging
import math
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient  # type: ignore[attr-defined] # not in its __all__

from services.classifier import troubles
from services.classifier.health import Health
from services.classifier.membership import Membership
from services.classifier.settings import Settings
from services.classifier.troubles import Complaints, Trouble

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5
"""Between two questions: two small requests, and at most this late is a right noticed that was granted or taken."""
STALLED_SECONDS = 10
"""Once no transaction of another can hold the offsets back, a consumer fetches within a second, if it ever does:
librdkafka never asks again for offsets that it was denied once, as by a right that was taken during a rebalance and
given back."""
ANSWER_SECONDS = 3
"""A Kafka that runs answers in milliseconds."""


class StalledError(Exception):
    """The consumer has partitions and does not read: end the process."""


@dataclass(frozen=True)
class Question:
    """Whether this worker may do one thing with a topic, and the answer to come."""

    operation: AclOperation
    trouble: Trouble
    answer: "Future[Any]"


class Access:
    """Asks Kafka what it lets this worker do, tells the health what it refuses, and logs every change once."""

    def __init__(self, settings: Settings, health: Health) -> None:
        """Prepare to ask."""
        self._settings, self._health = settings, health
        self._complaints = Complaints()
        self._membership: Membership | None = None

    async def ask(self) -> None:
        """Ask until cancelled. Raises StalledError where only a new process helps."""
        config: dict[str, Any] = self._settings.client_config() | {"error_cb": self._complaints}
        admin = AdminClient(config, logger=logger)
        stalled_since = math.inf
        while time.monotonic() < stalled_since + self._settings.transaction_timeout_seconds + STALLED_SECONDS:
            found = await self._ask(admin)
            self._note(found)
            stalled = self._health.is_stalled() and not found
            stalled_since = min(stalled_since, time.monotonic()) if stalled else math.inf
            await asyncio.sleep(PAUSE_SECONDS)
        raise StalledError("Kafka gave partitions to this worker, and its consumer does not read them")

    async def _ask(self, admin: AdminClient) -> frozenset[Trouble]:
        """What Kafka refuses or, if it does not answer, what the client complains of."""
        try:
            found = [await _answered(question) for question in self._questions(admin)]
        except KafkaException:
            admin.poll(0)  # hands over the complaints
            complaint = self._complaints.last
            return self._health.hindrances if complaint is None else frozenset([troubles.of_connection(complaint)])
        admin.poll(0)
        self._complaints.clear()
        if await asyncio.to_thread(self._group_is_denied):
            found.append(Trouble.READ_AS_GROUP)
        return frozenset(trouble for trouble in found if trouble)

    def _questions(self, admin: AdminClient) -> list[Question]:
        """All that the worker must be allowed with its topics."""
        settings = self._settings
        needed = {
            settings.statements_topic: (AclOperation.READ, Trouble.READ_STATEMENTS),
            settings.results_topic: (AclOperation.WRITE, Trouble.WRITE_RESULTS),
            settings.rejects_topic: (AclOperation.WRITE, Trouble.WRITE_REJECTS),
        }
        topics = TopicCollection(list(needed))
        answers = admin.describe_topics(topics, include_authorized_operations=True, request_timeout=ANSWER_SECONDS)
        return [Question(*needed[name], answer) for name, answer in answers.items()]

    def _group_is_denied(self) -> bool:
        """Whether Kafka denies the group; asked once the connection is good, so that no more clients try a bad one."""
        self._membership = self._membership or Membership(self._settings)
        return self._membership.is_denied(ANSWER_SECONDS)

    def _note(self, found: frozenset[Trouble]) -> None:
        """Take down what Kafka refuses now, and log what has changed."""
        known = self._health.hindrances
        self._health.hindrances = found
        for trouble in sorted(found - known):
            error = str(self._complaints.last) if self._complaints.last else None
            wanted = troubles.wanted(trouble, self._settings)
            logger.error(
                "Kafka keeps this worker from its work", extra={"trouble": trouble, "wanted": wanted, "error": error}
            )
        for trouble in sorted(known - found):
            logger.info("Kafka no longer keeps this worker from its work", extra={"trouble": trouble})


async def _answered(question: Question) -> Trouble | None:
    """The trouble that an answer tells of, if any. Raises KafkaException where there is no answer."""
    try:
        described = await asyncio.wrap_future(question.answer)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            return question.trouble
        if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return Trouble.NO_TOPIC
        raise
    allowed = described.authorized_operations
    return question.trouble if allowed is not None and question.operation not in allowed else None
