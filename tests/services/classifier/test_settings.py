"""Settings come from the environment, cannot change, and keep their secrets."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from services.classifier.settings import PREFIX, DeliveryMode, Settings


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the settings of whoever runs the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
        monkeypatch.delenv(f"{PREFIX}{name.upper()}_FILE", raising=False)


def test_the_defaults_are_those_of_the_design() -> None:
    settings = Settings()
    assert settings.bootstrap_servers == "localhost:9092"
    assert settings.group == "communique"
    assert settings.instance
    assert settings.statements_topic == "statements"
    assert settings.results_topic == "statements.classified"
    assert settings.rejects_topic == "statements.rejected"
    assert settings.artifact is None
    assert settings.http_port == 8000
    assert settings.delivery is DeliveryMode.EXACTLY_ONCE


def test_a_variable_sets_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNIQUE_HTTP_PORT", "9000")
    monkeypatch.setenv("COMMUNIQUE_GROUP", "")
    assert (Settings().http_port, Settings().group) == (9000, "communique")


def test_a_file_sets_a_secret_that_nothing_shows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    monkeypatch.setenv("COMMUNIQUE_SASL_PASSWORD_FILE", str(tmp_path / "password"))
    settings = Settings(security_protocol="SASL_SSL", sasl_username="communique")
    assert settings.client_config()["sasl.password"] == "open sesame"
    assert "open sesame" not in f"{settings!r} {settings} {settings.model_dump()}"


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMMUNIQUE_SASL_PASSWORD_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingsError, match=r"COMMUNIQUE_SASL_PASSWORD_FILE.*absent"):
        Settings()


def test_a_password_that_is_wrong_elsewhere_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNIQUE_SASL_PASSWORD", "open sesame")
    monkeypatch.setenv("COMMUNIQUE_SECURITY_PROTOCOL", "SASL_SSL")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "sasl_username" in str(refused.value)
    assert "open sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"http_port": 70_000},
        {"batch_size": 0},
        {"statements_topic": "a topic"},
        {"results_topic": "statements"},
        {"rejects_topic": "statements.classified"},
        {"security_protocol": "SASL_SSL"},
        {"colour": "blue"},
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]


def test_settings_cannot_change() -> None:
    with pytest.raises(ValidationError):
        Settings().group = "another"  # type: ignore[misc]


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
