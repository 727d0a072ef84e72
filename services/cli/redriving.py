"""Rejects are sent back, each batch in one transaction with how far the redrive has come."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from confluent_kafka import Consumer, TopicPartition
from rich.progress import Progress

from services.classifier.delivery import TRIES
from services.classifier.exactly_once import ExactlyOnce, FencedError
from services.classifier.publisher import PAUSE_SECONDS, FatalDeliveryError, TooLargeError, UndeliveredError
from services.classifier.records import Outcome, Record
from services.classifier.settings import Settings
from services.cli import kafka
from services.cli.backlog import Backlog
from services.cli.decisions import Decision, batches, decide
from services.cli.exits import ExitCode, fail
from services.cli.fates import UNSENDABLE, Tally
from services.cli.marks import Mark, Order
from services.cli.origins import Origins
from services.cli.screen import complain

INSTANCE = "redrive"
"""The same for all redrives of a group: of two at once, the later one takes over.

A new producer would take the name back from it, and send again what the later one has sent.
"""

FORGOTTEN = (
    "found no trace of a redrive, and rejects of more than a week: Kafka may have forgotten that they were sent back. "
    "If they were not, say --from-beginning, which sends all that Kafka keeps"
)
TAKEN_OVER = "another redrive has taken over, or this one was paused for too long; start it again to go on"
"""Kafka says the same of both: it aborts a transaction beyond its timeout as if the name were another's."""


class ForgottenError(Exception):
    """There are no marks, but rejects so old that Kafka may have forgotten the marks of their redrive."""


@contextmanager
def errors() -> Iterator[None]:
    """End the command where a redrive cannot go on."""
    try:
        with kafka.errors():
            yield
    except ForgottenError:
        fail(ExitCode.WRONG_USAGE, FORGOTTEN)
    except FencedError:
        fail(ExitCode.FATAL_KAFKA, TAKEN_OVER)
    except (FatalDeliveryError, UndeliveredError) as error:
        fail(ExitCode.FATAL_KAFKA, f"Kafka: {error}; start it again to go on")


class Courier(Protocol):
    """Who takes what is sent to Kafka."""

    def initialise(self) -> None:
        """Take over from any redrive that still runs."""
        ...

    def transact(self, outcomes: Sequence[Outcome], offsets: Sequence[TopicPartition], consumer: Consumer) -> None:
        """Send and commit, all or nothing."""
        ...


class Nobody:
    """Takes nothing anywhere, for a dry run."""

    def initialise(self) -> None:
        """Leave alone whatever runs."""

    def transact(self, outcomes: Sequence[Outcome], offsets: Sequence[TopicPartition], consumer: Consumer) -> None:
        """Send nothing and commit nothing."""


class Redrive:
    """One redrive, from where those before it have come to the end of the rejects."""

    def __init__(self, settings: Settings, order: Order, *, limit: int | None, dry_run: bool) -> None:
        """Connect; ends the command where there is no Kafka or a topic is missing."""
        group = f"{settings.group}-{INSTANCE}"
        self._order, self._limit = order, limit
        self._backlog, self._origins = Backlog(settings, group), Origins(settings, group)
        named = settings.model_copy(update={"instance": INSTANCE})
        self._courier: Courier = Nobody() if dry_run else ExactlyOnce(named, replaceable=False, **kafka.QUIET)
        self._marks: dict[int, Mark] = {}
        self.tally = Tally()

    def run(self, progress: Progress, stopped: Callable[[], bool], *, anew: bool) -> bool:
        """Send until the end, the limit or a stop, and say whether it was the end.

        Raises ForgottenError, KafkaException, UndeliveredError and FatalDeliveryError.
        """
        self._courier.initialise()  # before the marks are read: a redrive that still runs might move them
        self._marks = self._first_marks(anew=anew)
        starts, ends = {each: mark.start(self._order) for each, mark in self._marks.items()}, self._backlog.ends()
        total = sum(max(0, end - starts[each]) for each, end in ends.items())
        rejects = progress.track(self._backlog.records(starts, ends, stopped), total, description="Redriving")
        for batch in batches(self._limited(map(self._decide, rejects))):
            self._deliver(batch)
        if self._backlog.unread:
            return False
        self._commit([], ends)
        return True

    def close(self) -> None:
        """Let go of the broker."""
        self._backlog.close()
        self._origins.close()

    def _first_marks(self, *, anew: bool) -> dict[int, Mark]:
        """Where the redrives before have come, or as if there had been none."""
        marks = self._backlog.marks()
        if marks is None and not anew and self._backlog.outlives_marks():
            raise ForgottenError
        marks = marks or self._backlog.no_marks()
        return {each: mark.forgotten(self._order) for each, mark in marks.items()} if anew else marks

    def _decide(self, reject: Record) -> Decision:
        """What becomes of a reject."""
        return decide(reject, self._marks[reject.partition], self._order, self._origins)

    def _limited(self, decisions: Iterable[Decision]) -> Iterator[Decision]:
        """The decisions up to the last one that may be sent."""
        sent = 0
        for decision in decisions:
            yield decision
            sent += decision.outcome is not None
            if sent == self._limit:
                return

    def _deliver(self, batch: Sequence[Decision]) -> None:
        """Send and commit a batch, in smaller parts where something in it is too large."""
        try:
            self._commit(batch, {each.reject.partition: each.reject.offset + 1 for each in batch})
        except TooLargeError:
            middle = len(batch) // 2
            for part in (batch[:middle], batch[middle:]) if middle else ([batch[0].too_large()],):
                self._deliver(part)

    def _commit(self, batch: Sequence[Decision], reached: Mapping[int, int]) -> None:
        """Send a batch and commit how far that is, trying again where Kafka does not take it."""
        marks = self._marks | {each: self._marks[each].moved(self._order, offset) for each, offset in reached.items()}
        outcomes = [each.outcome for each in batch if each.outcome]
        for tries in range(1, TRIES + 1):
            try:
                self._courier.transact(outcomes, self._backlog.offsets(marks), self._backlog.consumer)
                break
            except UndeliveredError:
                if tries == TRIES:
                    raise
                time.sleep(PAUSE_SECONDS)
        self._marks = marks
        self._note(batch)

    def _note(self, batch: Sequence[Decision]) -> None:
        """Count what became of a batch, and name what no redrive will send."""
        self.tally.update((each.reason, each.fate) for each in batch)
        for each in batch:
            if each.fate in UNSENDABLE:
                complain(f"partition {each.reject.partition} offset {each.reject.offset}: {each.fate}")
