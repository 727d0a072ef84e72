"""Settings come from the environment, cannot change, and keep their secrets."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from services.classifier.settings import PREFIX, DeliveryMode, Settings

SECRETS = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
TOKENS = {
    "security_protocol": "SASL_SSL",
    "sasl_mechanism": "OAUTHBEARER",
    "oauth_token_url": "https://identity.example/token",
    "oauth_client_id": "communique",
    "oauth_client_secret": "open sesame",
}


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
    assert "needs COMMUNIQUE_SASL_USERNAME" in str(refused.value)
    assert "open sesame" not in str(refused.value)


def without(name: str) -> dict[str, object]:
    """Settings of a connection with tokens that lack one."""
    return {other: value for other, value in TOKENS.items() if other != name}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"security_protocol": "SASL_SSL", "sasl_username": "x"}, "SASL_SSL with SCRAM-SHA-512 needs .*_SASL_PASSWORD"),
        (without("oauth_token_url"), "SASL_SSL with OAUTHBEARER needs COMMUNIQUE_OAUTH_TOKEN_URL"),
        (without("oauth_client_id"), "SASL_SSL with OAUTHBEARER needs COMMUNIQUE_OAUTH_CLIENT_ID"),
        (without("oauth_client_secret"), "SASL_SSL with OAUTHBEARER needs COMMUNIQUE_OAUTH_CLIENT_SECRET"),
        ({"security_protocol": "SSL", "ssl_key_location": __file__}, "needs COMMUNIQUE_SSL_CERTIFICATE_LOCATION"),
        ({"security_protocol": "SSL", "ssl_certificate_location": __file__}, "needs COMMUNIQUE_SSL_KEY_LOCATION"),
        ({"security_protocol": "SSL", "ssl_ca_location": "/absent.pem"}, "/absent.pem cannot be read"),
        ({"sasl_username": "x", "sasl_password": "y"}, "SASL_PASSWORD, COMMUNIQUE_SASL_USERNAME would have no effect"),
        ({"ssl_ca_location": __file__}, "without COMMUNIQUE_SECURITY_PROTOCOL SSL or SASL_SSL"),
        ({"oauth_client_secret": "y"}, "COMMUNIQUE_OAUTH_CLIENT_SECRET would have no effect"),
        ({**TOKENS, "oauth_token_url": "https://communique:open@identity.example"}, "oauth_token_url"),
    ],
)
def test_a_connection_that_lacks_something_says_which_variable_is_wanted(given: dict[str, object], wanted: str) -> None:
    with pytest.raises(ValidationError, match=wanted):
        Settings(**given)  # type: ignore[arg-type]


def test_tokens_are_fetched_by_the_client_itself() -> None:
    config = Settings(**TOKENS, oauth_scope="kafka").client_config()  # type: ignore[arg-type]
    assert config["sasl.oauthbearer.method"] == "oidc"
    assert config["sasl.oauthbearer.client.secret"] == "open sesame"
    assert config["sasl.oauthbearer.scope"] == "kafka"
    assert "sasl.username" not in config


def test_a_plain_connection_shows_no_secret_to_kafka() -> None:
    demo = Settings(**TOKENS).model_copy(update={"security_protocol": "PLAINTEXT"})  # type: ignore[arg-type]
    assert "open sesame" not in demo.client_config().values()


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_comes_from_a_file_too_and_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text("tell nobody\n")
    monkeypatch.setenv(f"COMMUNIQUE_{name.upper()}_FILE", str(tmp_path / "secret"))
    whole = {"sasl_username": "x", "sasl_password": "y", "ssl_certificate_location": __file__}
    connections = {
        "sasl_password": {"security_protocol": "SASL_SSL", "sasl_username": "x"},
        "ssl_key_password": {"security_protocol": "SASL_SSL", "ssl_key_location": __file__, **whole},
        "oauth_client_secret": without("oauth_client_secret"),
    }
    settings = Settings(**connections[name])  # type: ignore[arg-type]
    assert "tell nobody" in settings.client_config().values()
    assert "tell nobody" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


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
