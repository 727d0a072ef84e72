"""The service, holding each transaction open before the commit and saying so, so that a kill can hit one.

Labels by the first word, so that a test waits for Kafka alone.
"""

import asyncio
import sys
import time
from collections.abc import Callable

from services.classifier import delivery
from services.classifier.app import create_app
from services.classifier.settings import Settings
from tests.services.classifier.running import FirstWordClassifier, artifact_of

HOLD_SECONDS = 0.3
insist = delivery._insist


def insist_slowly(call: Callable[..., object], *arguments: object) -> None:
    """Make a call, a commit only after a while."""
    if call.__name__ == "commit_transaction":
        print("holding", flush=True)
        time.sleep(HOLD_SECONDS)
    insist(call, *arguments)


delivery._insist = insist_slowly
sys.exit(asyncio.run(create_app(Settings(), artifact_of(FirstWordClassifier())).serve()))
