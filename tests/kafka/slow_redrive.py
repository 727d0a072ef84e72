"""`communique redrive` in small transactions; each is held open, all of it in Kafka, until a line comes."""

import sys
from collections.abc import Callable

from services.classifier import delivery
from services.cli import app, decisions

BATCH_SIZE = 100
insist = delivery._insist


def insist_slowly(call: Callable[..., object], *arguments: object) -> None:
    """Make a call, a commit only when told to."""
    if call.__name__ == "commit_transaction":
        call.__self__.flush()  # type: ignore[attr-defined]
        print("holding", flush=True)
        sys.stdin.readline()
    insist(call, *arguments)


if __name__ == "__main__":
    delivery._insist = insist_slowly
    decisions.BATCH_SIZE = BATCH_SIZE
    app.main()
