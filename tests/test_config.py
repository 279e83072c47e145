"""Settings: read from the environment and .env, validated, secrets hidden."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from dotenv import dotenv_values

from bot import config
from bot.config import Settings
from bot.errors import ConfigurationError
from tests.conftest import ROOT

NOWHERE = Path("/nonexistent/.env")


def load_settings(environment: dict[str, str], dotenv: Path) -> Settings:
    with patch.dict("os.environ", environment, clear=True):
        return config.load_settings(dotenv)


def setting_names() -> set[str]:
    return {info.alias for info in Settings.model_fields.values() if info.alias}


def test_env_example_names_every_setting_and_no_other():
    assert set(dotenv_values(ROOT / ".env.example")) == setting_names()


def test_a_page_names_every_setting():
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert {name for name in setting_names() if f"`{name}`" not in page} == set()


def test_without_settings_the_database_is_sqlite_in_data():
    settings = load_settings({}, NOWHERE)
    assert settings.database_url == "sqlite:///data/papercord.db"
    assert settings.index_dir == Path("data/index")


def test_the_environment_wins_over_the_file_and_empty_counts_as_not_set(tmp_path: Path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("PAPERCORD_DATA_DIR=from-file\nDISCORD_TOKEN=file-token\n")
    settings = load_settings({"PAPERCORD_DATA_DIR": "from-environment", "DISCORD_TOKEN": ""}, dotenv)
    assert settings.data_dir == Path("from-environment")
    assert settings.require_token() == "file-token"


def test_a_missing_token_names_the_setting_and_the_way_without_one():
    with pytest.raises(ConfigurationError, match=r"DISCORD_TOKEN is not set.*make try") as caught:
        load_settings({}, NOWHERE).require_token()
    assert caught.value.exit_code == 2


def test_a_missing_token_names_the_folder_of_secret_files(tmp_path: Path):
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"PAPERCORD_SECRETS_DIR": str(tmp_path)}, NOWHERE).require_token()
    assert str(tmp_path / "DISCORD_TOKEN") in str(caught.value)


def test_the_token_may_stand_in_a_file(tmp_path: Path):
    secret = tmp_path / "token"
    secret.write_text("secret-token\n")
    assert load_settings({"DISCORD_TOKEN_FILE": str(secret)}, NOWHERE).require_token() == "secret-token"


def test_an_unreadable_token_file_is_named(tmp_path: Path):
    settings = load_settings({"DISCORD_TOKEN_FILE": str(tmp_path / "absent")}, NOWHERE)
    with pytest.raises(ConfigurationError, match=r"DISCORD_TOKEN_FILE .*absent"):
        settings.require_token()


def test_secrets_stay_out_of_repr():
    settings = load_settings(
        {"DISCORD_TOKEN": "top-secret", "PAPERCORD_DATABASE_URL": "postgresql://u:pass-word@h/d"}, NOWHERE
    )
    assert "top-secret" not in repr(settings)
    assert "pass-word" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("PAPERCORD_LOG_LEVEL", "LOUD"), ("PAPERCORD_REPORT_URL", "javascript:alert(1)")]
)
def test_a_wrong_setting_is_named_without_its_value(name: str, value: str):
    with pytest.raises(ConfigurationError, match=name) as caught:
        load_settings({name: value}, NOWHERE)
    assert value not in str(caught.value)


def test_a_secret_file_is_named_after_its_setting_and_loses_to_the_environment(tmp_path: Path):
    (tmp_path / "DISCORD_TOKEN").write_text("token-of-the-file\n", encoding="utf-8")
    (tmp_path / "PAPERCORD_CONTACT").write_text("file@example.org", encoding="utf-8")
    environment = {"PAPERCORD_SECRETS_DIR": str(tmp_path), "PAPERCORD_CONTACT": "me@example.org"}
    settings = load_settings(environment, NOWHERE)
    assert settings.require_token() == "token-of-the-file"
    assert settings.contact == "me@example.org"


def test_the_folder_of_secret_files_may_be_named_in_the_file(tmp_path: Path):
    (tmp_path / "PAPERCORD_OPENALEX_KEY").write_text("a-key", encoding="utf-8")
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"PAPERCORD_SECRETS_DIR={tmp_path}\n", encoding="utf-8")
    key = load_settings({}, dotenv).openalex_key
    assert key is not None
    assert key.get_secret_value() == "a-key"


def test_a_folder_of_secret_files_that_is_none_is_named(tmp_path: Path):
    a_file = tmp_path / "secret"
    a_file.write_text("top-secret", encoding="utf-8")
    for folder in (tmp_path / "absent", a_file):
        with pytest.raises(ConfigurationError, match="PAPERCORD_SECRETS_DIR"):
            load_settings({"PAPERCORD_SECRETS_DIR": str(folder)}, NOWHERE)


def test_a_secret_file_that_is_not_utf_8_is_refused_without_its_value(tmp_path: Path):
    (tmp_path / "DISCORD_TOKEN").write_bytes(b"t\xf6ken")
    with pytest.raises(ConfigurationError, match=r"PAPERCORD_SECRETS_DIR.*UTF-8") as caught:
        load_settings({"PAPERCORD_SECRETS_DIR": str(tmp_path)}, NOWHERE)
    assert "ken" not in str(caught.value).replace("token", "")


@pytest.mark.parametrize("name", sorted(setting_names()))
def test_a_setting_that_is_not_text_is_named_without_its_value(name: str):
    with pytest.raises(ConfigurationError) as caught:
        load_settings({name: "t\udcf6ken"}, NOWHERE)
    assert str(caught.value) == f"The setting {name} is not UTF-8 text; write it in UTF-8."


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path):
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"PAPERCORD_CONTACT=t\xf6\n")
    with pytest.raises(ConfigurationError) as caught:
        load_settings({}, dotenv)
    assert str(caught.value) == f"{dotenv} is not UTF-8 text; save it in UTF-8."


def test_a_wrong_value_is_explained_in_one_line():
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"PAPERCORD_ADMIN_CHANNEL": "general"}, NOWHERE)
    assert str(caught.value).startswith("A setting cannot be used. PAPERCORD_ADMIN_CHANNEL: ")
    assert "\n" not in str(caught.value)


def test_misspelt_settings_are_named_wherever_they_are_written(tmp_path: Path):
    dotenv, secrets = tmp_path / ".env", tmp_path / "secrets"
    dotenv.write_text("PAPERCORD_ENRICH=off\nPAPERCORD_HTPP_PORT=9090\nEDITOR=vi\n")
    secrets.mkdir()
    (secrets / "DISCORD_TOKENS").write_text("a-secret")
    environment = {"papercord_admins": "1", "PAPERCORD_COLOUR": "red", "PAPERCORD_SECRETS_DIR": str(secrets)}
    with patch.dict("os.environ", environment, clear=True):
        lines = config.misspelt_settings(config.load_settings(dotenv), dotenv)

    assert lines == [
        "There is no setting DISCORD_TOKENS; DISCORD_TOKEN is meant?",
        "There is no setting PAPERCORD_COLOUR",
        "There is no setting PAPERCORD_HTPP_PORT; PAPERCORD_HTTP_PORT is meant?",
        "There is no setting papercord_admins; PAPERCORD_ADMINS is meant?",
    ]


def test_names_that_are_no_settings_are_left_alone(tmp_path: Path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("papercord_log_level=LOUD\nOTHER=1\nPAPERCORD_OTHER=2\n", encoding="utf-8")
    assert load_settings({}, dotenv) == load_settings({}, NOWHERE)
