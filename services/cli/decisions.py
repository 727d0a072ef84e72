"""What becomes of each reject in a redrive."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from services.classifier import records
from services.classifier.events import RejectReason
from services.classifier.records import Outcome, Record
from services.classifier.rejection import Rejection
from services.cli.fates import Fate
from services.cli.marks import Mark, Order
from services.cli.origins import Origins, is_without_contents

BATCH_SIZE = 500
BATCH_BYTES = 16_000_000
"""Of one transaction: small beside a machine's memory, and sent well within the transaction's timeout."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A reject, what becomes of it, and what is sent of it if anything is."""

    reject: Record
    fate: Fate
    reason: RejectReason | None = None
    outcome: Outcome | None = None

    @property
    def size(self) -> int:
        """The bytes of what is sent."""
        return len(self.outcome.value or b"") if self.outcome else 0

    def too_large(self) -> "Decision":
        """The decision once the topic has refused what was to be sent."""
        return replace(self, fate=Fate.TOO_LARGE, outcome=None)


def decide(reject: Record, mark: Mark, order: Order, origins: Origins) -> Decision:
    """What becomes of a reject, given how far the redrives of its partition have come."""
    rejection = Rejection.told_by(reject.headers)
    if rejection is None:
        return Decision(reject, Fate.FOREIGN)
    fate = _fate(reject, rejection, mark, order)
    outcome = _sent(reject, rejection, origins) if fate is Fate.SENT else None
    if fate is Fate.SENT and outcome is None:
        fate = Fate.GONE
    return Decision(reject, fate, rejection.reason, outcome)


def batches(decisions: Iterable[Decision]) -> Iterator[list[Decision]]:
    """The decisions in lists that one transaction can take."""
    batch: list[Decision] = []
    size = 0
    for decision in decisions:
        batch.append(decision)
        size += decision.size
        if len(batch) == BATCH_SIZE or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _fate(reject: Record, rejection: Rejection, mark: Mark, order: Order) -> Fate:
    """What becomes of a reject, if it has contents."""
    if reject.offset < mark.passed(rejection.reason, min(rejection.attempt, order.max_attempts - 1)):
        return Fate.SENT_BEFORE
    if rejection.reason not in order.reasons:
        return Fate.OTHER_REASON
    return Fate.TRIED_OUT if rejection.attempt >= order.max_attempts else Fate.SENT


def _sent(reject: Record, rejection: Rejection, origins: Origins) -> Outcome | None:
    """What is sent for a reject; none where its contents are nowhere."""
    if not is_without_contents(reject, rejection):
        return records.restored(reject, rejection.attempt, origins.topic)
    original = origins.fetch(rejection)
    return records.again(original, rejection.attempt, origins.topic) if original else None
