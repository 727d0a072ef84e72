"""What docker-compose.yml promises, read from the file; `make compose-test` brings it up."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from services.classifier.events import VALUE_MAX_BYTES
from services.classifier.settings import Settings

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "schema" / "compose-spec.json").read_text()))
STOP_SECONDS = 25
"""The longest stop that the service promises."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return document


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = compose["services"]
    return made


@pytest.fixture
def topics(services: dict[str, Any]) -> dict[str, int]:
    """The topics that are made, and the largest message of each in bytes."""
    script = services["topics"]["command"][-1]
    return {
        name: int(largest) for name, largest in re.findall(r"^create (\S+) \d+ (?:\d+|forever) (\d+)$", script, re.M)
    }


def test_the_compose_file_keeps_to_the_specification(compose: dict[str, Any]) -> None:
    assert [f"{fault.json_path}: {fault.message}" for fault in SCHEMA.iter_errors(compose)] == []


def test_a_misspelt_key_is_no_compose_file(compose: dict[str, Any]) -> None:
    misspelt = copy.deepcopy(compose)
    misspelt["services"]["classifier"]["stop_grace_periode"] = "30s"
    assert [fault.json_path for fault in SCHEMA.iter_errors(misspelt)] == ["$.services.classifier"]


def test_no_container_may_gain_rights(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges" in service["security_opt"], name


def test_the_image_of_communique_is_read_only(services: dict[str, Any]) -> None:
    ours = [service for service in services.values() if "build" in service]
    assert ours
    assert all(service["read_only"] and service["tmpfs"] == ["/tmp"] for service in ours)  # noqa: S108 - a tmpfs


def test_every_image_from_elsewhere_has_a_version(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert "build" in service or re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name


def test_every_port_is_open_to_this_machine_only(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_topics_of_the_settings_are_made(topics: dict[str, int]) -> None:
    settings = Settings(instance="any")
    assert set(topics) == {
        settings.statements_topic,
        settings.results_topic,
        settings.rejects_topic,
        "statements.corrections",
    }


def test_every_valid_statement_fits_its_topic_and_every_result_and_reject_its_own(topics: dict[str, int]) -> None:
    settings = Settings(instance="any")
    assert topics[settings.statements_topic] >= VALUE_MAX_BYTES
    assert topics[settings.results_topic] > settings.result_max_bytes
    assert topics[settings.rejects_topic] > topics[settings.statements_topic]


def test_the_classifier_starts_when_its_topics_are_there(services: dict[str, Any]) -> None:
    assert services["classifier"]["depends_on"]["topics"]["condition"] == "service_completed_successfully"


def test_a_container_waits_longer_than_a_stop_takes(services: dict[str, Any]) -> None:
    assert int(services["classifier"]["stop_grace_period"].removesuffix("s")) > STOP_SECONDS


def test_the_port_served_is_the_one_asked_for_health_and_metrics(services: dict[str, Any]) -> None:
    port = Settings(instance="any").http_port
    scraped = yaml.safe_load((ROOT / "services/prometheus/prometheus.yml").read_text())["scrape_configs"]
    dockerfile = (ROOT / "services/classifier/Dockerfile").read_text()
    assert f":{port}/ready" in services["classifier"]["healthcheck"]["test"][-1]
    assert [job["dns_sd_configs"][0]["port"] for job in scraped] == [port]
    assert f"EXPOSE {port}\n" in dockerfile
    assert f"${{COMMUNIQUE_HTTP_PORT:-{port}}}/live" in dockerfile
