"""On a real Kafka `communique send` names what a topic does not take."""

import json
from collections.abc import Callable

from tests.services.classifier.running import Names
from tests.services.cli.programs import run


def test_a_statement_that_the_topic_does_not_take_is_named_and_holds_up_no_other(
    kafka: str, make_topics: Callable[..., Names]
) -> None:
    names = make_topics(statements={})
    titles = {"before": "x", "large": "x" * 1_500_000, "behind": "x"}
    lines = [json.dumps({"id": name, "text": "x", "title": title}) for name, title in titles.items()]
    settings = {"COMMUNIQUE_BOOTSTRAP_SERVERS": kafka, "COMMUNIQUE_STATEMENTS_TOPIC": names.statements}
    ended = run("send", "-", stdin="\n".join(lines).encode(), **settings)
    assert ended.stderr.startswith("communique: large: not delivered: Broker: Message size too large")
    assert ended.stdout.startswith("2 sent")
    assert ended.returncode == 1
