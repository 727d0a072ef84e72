"""What may become of a reject in a redrive, and how an operator is told of it."""

from collections import Counter
from enum import StrEnum

from rich.table import Table

from services.classifier.events import RejectReason


class Fate(StrEnum):
    """What becomes of a reject, as an operator is told of it."""

    SENT = "sent"
    SENT_BEFORE = "dealt with by a redrive before"
    OTHER_REASON = "passed over: another reason"
    TRIED_OUT = "left: as many attempts as --max-attempts"
    GONE = "left: larger than the rejects topic takes, and gone from its origin"
    TOO_LARGE = "left: larger than the statements topic takes"
    FOREIGN = "left: not written by the service"

    @property
    def is_good(self) -> bool:
        """Whether the operator got what was asked for."""
        return self in (Fate.SENT, Fate.SENT_BEFORE, Fate.OTHER_REASON)


UNSENDABLE = (Fate.GONE, Fate.TOO_LARGE, Fate.FOREIGN)
"""Worth a line for each, as no other redrive will send them either."""


class Tally(Counter[tuple[RejectReason | None, Fate]]):
    """How many rejects of each reason met which fate."""

    @property
    def sent(self) -> int:
        """How many were sent."""
        return sum(count for (_, fate), count in self.items() if fate is Fate.SENT)

    @property
    def is_good(self) -> bool:
        """Whether nothing was left that was asked for."""
        return all(fate.is_good for _, fate in self)

    def table(self, sent: str) -> Table:
        """A row for each reason and fate, with other words for those sent."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(justify="right")
        table.add_column(no_wrap=True)
        table.add_column()
        for (reason, fate), count in sorted(self.items(), key=lambda item: (item[0][0] or "", item[0][1])):
            if fate is not Fate.SENT_BEFORE:
                table.add_row(str(count), reason or "", sent if fate is Fate.SENT else fate)
        return table
