"""What operators ask by HTTP is answered, and is true."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.classifier import health
from services.classifier.health import Health
from services.classifier.service import Service
from tests.services.classifier.hostile import body
from tests.services.classifier.running import PATIENCE_SECONDS, FirstWordClassifier, Topics, running, settings_of

NO_KAFKA = "127.0.0.1:1"


def get(service: Service, path: str) -> tuple[int, str]:
    """The status and body of a page, once the service listens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{service.http_port}{path}", timeout=5) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def eventually(check: Callable[[], bool]) -> bool:
    """Whether a check becomes true in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not check() and time.monotonic() < deadline:
        time.sleep(0.02)
    return check()


def samples(service: Service) -> dict[str, float]:
    """Every sample of the metrics page, named as a query would."""
    families = text_string_to_metric_families(get(service, "/metrics")[1])
    return {
        sample.name + "".join(f"{{{name}={value}}}" for name, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_worker_with_partitions_is_ready(broker: str, first_word: FirstWordClassifier) -> None:
    with running(settings_of(broker), first_word) as service:
        assert eventually(lambda: get(service, "/ready")[0] == 200)
        assert get(service, "/live")[0] == 200
        assert json.loads(get(service, "/ready")[1]) == {"ready": True, "troubles": []}
        assert get(service, "/elsewhere")[0] == 404


@pytest.mark.parametrize("trouble", ["no Kafka", "no topic"])
def test_a_worker_that_gets_no_statements_is_live_and_not_ready(
    broker: str, first_word: FirstWordClassifier, trouble: str
) -> None:
    settings = settings_of(NO_KAFKA) if trouble == "no Kafka" else settings_of(broker, statements_topic="absent")
    with running(settings, first_word) as service:
        assert get(service, "/live")[0] == 200
        time.sleep(0.5)
        status, page = get(service, "/ready")
    assert status == 503
    assert "not in the consumer group" in json.loads(page)["troubles"]


def test_a_worker_whose_batch_is_stuck_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Health()
    worker.assigned(None, [])  # type: ignore[arg-type]
    worker.began()
    assert not any("batch" in trouble for trouble in worker.troubles())
    monkeypatch.setattr(health, "STUCK_SECONDS", 0)
    worker.began()
    assert any("batch" in trouble for trouble in worker.troubles())
    worker.delivered()
    assert not any("batch" in trouble for trouble in worker.troubles())


def test_a_batch_that_another_worker_has_got_is_no_longer_in_hand() -> None:
    worker = Health()
    worker.began()
    worker.revoked(None, [])  # type: ignore[arg-type]
    assert worker.busy_seconds() == 0


def test_the_metrics_tell_what_was_delivered(broker: str, topics: Topics) -> None:
    topics.send(*({"value": body(statement_id=str(number))} for number in range(8)), {"value": b"{"}, {"value": None})
    with running(settings_of(broker), FirstWordClassifier()) as service:
        topics.outcomes(10)
        assert eventually(lambda: samples(service)["communique_statements_total{outcome=classified}"] == 8)
        found = samples(service)
    assert found["communique_statements_total{outcome=rejected}"] == 2
    assert found["communique_rejections_total{reason=not_json}"] == 1
    assert found["communique_rejections_total{reason=empty}"] == 1
    assert found["communique_sector_labels_total{sector=transport}"] == 8
    assert found["communique_stance_labels_total{stance=balanced}"] == 8
    assert found["communique_end_to_end_seconds_count"] == 10
    assert found["communique_batch_statements_sum"] == 10
    assert found["communique_transactions_total{outcome=committed}"] >= 1
    assert found["communique_last_commit_timestamp_seconds"] > time.time() - 60
    assert found["communique_model_info{sha256=" + "0" * 64 + "}{version=test}"] == 1
    assert found["communique_lag_statements{partition=0}{topic=statements}"] == 0
    for stage in ("decode", "classify", "publish"):
        assert found[f"communique_stage_seconds_count{{stage={stage}}}"] >= 1


def test_fast_streams_own_metrics_stand_beside(broker: str, topics: Topics) -> None:
    topics.send({"value": body()})
    with running(settings_of(broker), FirstWordClassifier()) as service:
        topics.outcomes(1)
        name = "faststream_received_messages_total"
        assert eventually(lambda: any(sample.startswith(name) for sample in samples(service)))


def test_two_services_in_one_process_count_for_themselves(broker: str, topics: Topics) -> None:
    topics.send({"value": body()})
    with running(settings_of(broker), FirstWordClassifier()) as one:
        topics.outcomes(1)
        with running(settings_of(NO_KAFKA), FirstWordClassifier()) as other:
            assert eventually(lambda: samples(one)["communique_statements_total{outcome=classified}"] == 1)
            assert samples(other)["communique_statements_total{outcome=classified}"] == 0
