"""`communique demo`: everything in one process."""

import re
import subprocess
import urllib.request
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from services import embedded_broker
from services.cli import demo, demonstration, publishing
from services.cli.app import app
from tests.services.classifier.running import FirstWordClassifier, artifact_of
from tests.services.cli.programs import COMMUNIQUE, PATIENCE_SECONDS, Terminal, run

ADDRESS = re.compile(r"Kafka +(127\S+)")
METRICS = re.compile(r"Metrics +(\S+)")


@pytest.fixture(scope="module")
def once() -> subprocess.CompletedProcess[str]:
    """A demo that ended by itself."""
    return run("demo", "--once")


def test_demo_once_labels_every_sample_and_ends_with_0(once: subprocess.CompletedProcess[str]) -> None:
    assert (once.stderr, once.returncode) == ("", 0)
    shown = re.findall(r"^ (sample-\d\d) ", once.stdout, re.MULTILINE)
    assert sorted(set(shown)) == [f"sample-{number:02}" for number in range(1, 28)]
    assert "27 statements labelled." in once.stdout


def test_the_demo_says_what_its_broker_cannot_do_and_that_the_samples_are_invented(
    once: subprocess.CompletedProcess[str],
) -> None:
    words = " ".join(once.stdout.replace("│", " ").split())
    assert "keeps everything in memory" in words
    assert "at least once" in words
    assert "The sample statements are invented" in words


def test_demo_once_names_the_samples_that_are_not_labelled_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demonstration, "DEADLINE_SECONDS", 1)
    monkeypatch.setattr(publishing, "publish", lambda *_: None)
    ended = CliRunner().invoke(app, ["demo", "--once"])
    assert "not labelled: sample-01, sample-02" in ended.stderr
    assert ended.exit_code == 1


def test_a_classifier_that_is_broken_is_named_with_78(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "load_artifact", lambda _: artifact_of(FirstWordClassifier(poison="")))
    ended = CliRunner().invoke(app, ["demo"])
    assert "wanted labels for a plain statement" in ended.stderr
    assert ended.exit_code == 78


def test_a_kafka_client_without_the_embedded_broker_is_named_with_78(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_broker, "LIBRARY", "no such library")
    ended = CliRunner().invoke(app, ["demo"])
    assert "install a wheel, not a source build" in ended.stderr
    assert ended.exit_code == 78


def test_the_demo_labels_what_is_sent_to_it_until_ctrl_c(terminal: Callable[..., Terminal]) -> None:
    window = terminal("demo")
    screen = window.wait_for("Ctrl-C ends the demo.")
    [address], [metrics] = ADDRESS.findall(screen), METRICS.findall(screen)
    assert f"export COMMUNIQUE_BOOTSTRAP_SERVERS={address}" in screen
    for command in ("watch --from-beginning", "send services/samples/statements.jsonl", "classify"):
        assert f"{COMMUNIQUE} {command}" in screen or f" communique {command}" in screen
    servers = {"COMMUNIQUE_BOOTSTRAP_SERVERS": address}

    assert run("send", "-", stdin=b'{"id": "mine", "text": "We will build a railway."}', **servers).returncode == 0
    assert "We will build a railway." in window.wait_for(" mine ")
    with urllib.request.urlopen(metrics) as page:  # noqa: S310 - the demo's own address
        assert 'communique_statements_total{outcome="classified"} 28.0' in page.read().decode()

    window.interrupt()
    assert window.end() == 0
    assert "Traceback" not in window.screen


def test_a_reader_that_goes_away_ends_the_demo_without_a_traceback() -> None:
    ended = subprocess.run(  # noqa: S602 - our own program
        f"{COMMUNIQUE} demo | head -1", shell=True, capture_output=True, check=True, timeout=PATIENCE_SECONDS
    )
    assert len(ended.stdout.splitlines()) == 1
    assert ended.stderr == b""
