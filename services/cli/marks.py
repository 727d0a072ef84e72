"""How far redrives have come in a partition of the rejects, for each reason and number of attempts apart.

A redrive that was asked for one reason passes the others over, and one that allows 3 attempts leaves what had as many.
Both stay to be sent by a redrive that asks for them, so one offset for all cannot say what is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from services.classifier.events import RejectReason

MOST_ATTEMPTS = 20
"""Ten times what helps; with more, the marks might not fit into the 4,096 bytes that Kafka keeps beside an offset."""
_STEPS = TypeAdapter(dict[str, dict[int, int]])


@dataclass(frozen=True, slots=True)
class Order:
    """Which rejects are to be sent back: those of some reasons, tried less often than a number of times."""

    reasons: frozenset[RejectReason]
    max_attempts: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A partition's mark; by reason and maximum of attempts, the offset before which all is sent."""

    steps: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, offset: int, text: str | None) -> "Mark":
        """The mark in a committed offset; one that an operator has set by other means holds for every reason."""
        try:
            return cls(_STEPS.validate_json(text or ""))
        except ValidationError:
            return cls({reason: {MOST_ATTEMPTS: offset} for reason in RejectReason})

    @property
    def text(self) -> str:
        """What is kept beside the offset."""
        return _STEPS.dump_json({reason: dict(steps) for reason, steps in sorted(self.steps.items())}).decode()

    @property
    def offset(self) -> int:
        """Where the first reject stands that was never looked at for one reason or another."""
        return min(self.passed(reason, 1) for reason in RejectReason)

    def start(self, order: Order) -> int:
        """Where a redrive goes on."""
        return min(self.passed(reason, order.max_attempts - 1) for reason in order.reasons)

    def passed(self, reason: RejectReason, attempts: int) -> int:
        """Before which offset every reject of that reason and number of attempts is dealt with."""
        steps = self.steps.get(reason, {})
        return max((offset for most, offset in steps.items() if attempts < most), default=0)

    def moved(self, order: Order, offset: int) -> "Mark":
        """The mark of a redrive that has come to an offset; it never goes back."""
        return Mark({**self.steps, **{reason.value: self._moved(reason, order, offset) for reason in order.reasons}})

    def forgotten(self, order: Order) -> "Mark":
        """The mark as if there had been no redrive of these reasons."""
        return Mark({reason: steps for reason, steps in self.steps.items() if reason not in order.reasons})

    def _moved(self, reason: RejectReason, order: Order, offset: int) -> dict[int, int]:
        """The steps of a reason, without those that say no more than the new one."""
        reached = max(offset, self.passed(reason, order.max_attempts - 1))
        old = self.steps.get(reason, {})
        telling = {most: step for most, step in old.items() if most > order.max_attempts or step > reached}
        return telling | {order.max_attempts: reached}
